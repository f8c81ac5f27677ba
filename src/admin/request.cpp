// SPDX-License-Identifier: MIT
#include "slotd/admin/request.hpp"

#include "slotd/model/text.hpp"
#include "target.hpp"

#include <algorithm>

namespace slotd::admin {
namespace {

bool is_token_character(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           (c != '\0' && std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos);
}

bool is_token(std::string_view text) {
    return !text.empty() && std::all_of(text.begin(), text.end(), is_token_character);
}

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

std::string lower(std::string_view text) {
    std::string out(text);
    for (char& c : out)
        if (c >= 'A' && c <= 'Z')
            c = static_cast<char>(c - 'A' + 'a');
    return out;
}

std::string_view trimmed(std::string_view text) {
    const auto first = text.find_first_not_of(" \t");
    if (first == std::string_view::npos)
        return {};
    return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

const std::string* value_of(const Request::Fields& fields, std::string_view name) {
    const auto found = std::find_if(fields.begin(), fields.end(),
                                    [name](const auto& one) { return one.first == name; });
    return found == fields.end() ? nullptr : &found->second;
}

}  // namespace

const std::string* Request::header(std::string_view name) const {
    return value_of(headers, name);
}

const std::string* Request::parameter(std::string_view name) const {
    return value_of(query, name);
}

RequestParser::State RequestParser::feed(std::string_view bytes) {
    for (std::size_t i = 0; i < bytes.size() && state_ == State::more; ++i) take(bytes[i]);
    return state_;
}

void RequestParser::take(char c) {
    if (++size_ > most_head)
        return refuse(431, "the head is longer than " + std::to_string(most_head) + " bytes");
    if (after_cr_) {
        after_cr_ = false;
        if (c != '\n')
            return refuse(400, "a CR without its LF");
        return end_line();
    }
    if (c == '\r') {
        after_cr_ = true;
        return;
    }
    const auto byte = static_cast<unsigned char>(c);
    if ((byte < 0x20 && c != '\t') || byte == 0x7f)
        return refuse(400, c == '\n' ? "an LF without its CR" : "a control character");
    line_ += c;
    if (in_first_line_ && line_.size() > most_first_line)
        refuse(414, "the first line is longer than " + std::to_string(most_first_line) + " bytes");
}

void RequestParser::end_line() {
    if (in_first_line_)
        take_first_line();
    else if (line_.empty())
        finish();
    else
        take_header();
    in_first_line_ = false;
    line_.clear();
}

void RequestParser::take_first_line() {
    const std::string_view line = line_;
    const auto first = line.find(' ');
    const auto last = line.rfind(' ');
    if (first == last)
        return refuse(400, "the first line is no METHOD TARGET VERSION");
    const std::string_view version = line.substr(last + 1);
    if (!is_token(line.substr(0, first)))
        return refuse(400, "the method is no word");
    if (version.size() != 8 || !version.starts_with("HTTP/") || !is_digit(version[5]) ||
        version[6] != '.' || !is_digit(version[7]))
        return refuse(400, "the first line ends with no version of HTTP");
    if (version[5] != '1')
        return refuse(505, "HTTP/1.0 and 1.1 only");
    request_.is_1_0 = version[7] == '0';
    request_.method = line.substr(0, first);
    if (const auto wrong = read_target(line.substr(first + 1, last - first - 1), request_))
        refuse(wrong->status, wrong->why);
}

void RequestParser::take_header() {
    const std::string_view line = line_;
    const auto colon = line.find(':');
    if (!is_token(line.substr(0, colon)) || colon == std::string_view::npos)
        return refuse(400, "a header is no NAME: VALUE");
    request_.headers.emplace_back(lower(line.substr(0, colon)), trimmed(line.substr(colon + 1)));
}

// What says where the message ends, and to whom it goes, must not be read in two ways.
void RequestParser::finish() {
    std::size_t hosts = 0;
    const std::string* length = nullptr;
    for (const auto& [name, value] : request_.headers) {
        if (name == "transfer-encoding")
            return refuse(501, "no body is taken");
        if (name == "host")
            ++hosts;
        if (name != "content-length")
            continue;
        if (value.empty() || !std::all_of(value.begin(), value.end(), is_digit) ||
            (length && *length != value))
            return refuse(400, "Content-Length is no one number");
        length = &value;
    }
    if (hosts > 1 || (hosts == 0 && !request_.is_1_0))
        return refuse(400, "one Host header is needed");
    if (length && length->find_first_not_of('0') != std::string::npos)
        return refuse(413, "no body is taken");
    state_ = State::whole;
}

void RequestParser::refuse(int status, std::string why) {
    refusal_.emplace(status, std::move(why));
    state_ = State::refused;
}

}  // namespace slotd::admin
