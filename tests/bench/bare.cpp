// SPDX-License-Identifier: MIT
#include "bare.hpp"

#include <algorithm>
#include <arpa/inet.h>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdexcept>
#include <strings.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <system_error>
#include <unistd.h>
#include <utility>

namespace bench {
namespace {

[[noreturn]] void fail(const char* doing) {
    throw std::system_error(errno, std::generic_category(), doing);
}

Socket open_socket(int family) {
    const int descriptor = socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (descriptor < 0)
        fail("socket");
    return Socket(descriptor);
}

sockaddr_in loopback(std::uint32_t host, std::uint16_t port) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(host);
    return address;
}

void set_flag(const Socket& socket, int level, int option) {
    const int on = 1;
    if (setsockopt(socket.descriptor(), level, option, &on, sizeof on) != 0)
        fail("setsockopt");
}

template <typename Number>
Number parse(std::string_view text) {
    Number number = 0;
    const auto read = std::from_chars(text.data(), text.data() + text.size(), number);
    if (text.empty() || read.ec != std::errc() || read.ptr != text.data() + text.size())
        throw std::runtime_error("\"" + std::string(text) + "\" is no number that fits here");
    return number;
}

// A prompt answers each line; one more stands before the first, as `prompt` itself is answered.
std::size_t count_prompts(std::string_view received) {
    std::size_t count = 0;
    for (std::size_t at = received.find("\n> "); at != std::string_view::npos;
         at = received.find("\n> ", at + 3))
        ++count;
    return count;
}

void expect_prompts(std::string_view received, std::size_t count) {
    if (count_prompts(received) < count)
        throw std::runtime_error("HAProxy did not answer every command: " + std::string(received));
}

std::vector<std::string_view> words(std::string_view line) {
    std::vector<std::string_view> found;
    while (!line.empty()) {
        const auto end = std::min(line.find(' '), line.size());
        if (end > 0)
            found.push_back(line.substr(0, end));
        line.remove_prefix(std::min(end + 1, line.size()));
    }
    return found;
}

std::string_view next_line(std::string_view& text) {
    const auto end = std::min(text.find('\n'), text.size());
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    return line;
}

// Adds what has come, or waits for it. False: the other side has closed.
bool receive_some(const Socket& socket, std::string& to) {
    const std::size_t filled = to.size();
    to.resize(filled + 65'536);
    const ssize_t got = recv(socket.descriptor(), to.data() + filled, 65'536, 0);
    to.resize(filled + static_cast<std::size_t>(std::max<ssize_t>(got, 0)));
    if (got < 0)
        fail("recv");
    return got > 0;
}

void receive_more(const Socket& socket, std::string& to) {
    if (!receive_some(socket, to))
        throw std::runtime_error("the connection was closed");
}

// What follows `request` are the lines and `quit`; all that is received until the end.
std::string exchange(const Socket& socket, std::string request,
                     const std::vector<std::string>& lines) {
    for (const std::string& line : lines) {
        request += line;
        request += '\n';
    }
    request += "quit\n";
    // Written and read at the same time, or both sides fill their buffers.
    std::string_view left = request;
    std::string received;
    for (;;) {
        if (!left.empty()) {
            const ssize_t sent =
                send(socket.descriptor(), left.data(), left.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
            if (sent < 0 && errno != EAGAIN)
                fail("send to HAProxy");
            left.remove_prefix(static_cast<std::size_t>(std::max<ssize_t>(sent, 0)));
        }
        if (!left.empty()) {
            pollfd one{socket.descriptor(), POLLIN | POLLOUT, 0};
            if (poll(&one, 1, -1) < 0)
                fail("poll");
            if ((one.revents & POLLIN) == 0)
                continue;
        }
        if (!receive_some(socket, received))
            return received;
    }
}

std::vector<Slot> parse_slots(const std::string& received) {
    std::string_view text = received;
    const auto header = text.find("# be_id ");
    if (header == std::string_view::npos)
        throw std::runtime_error("HAProxy says: " + received);
    text.remove_prefix(header + 2);
    std::size_t port = 0;
    const auto columns = words(next_line(text));
    while (port < columns.size() && columns[port] != "srv_port") ++port;
    std::vector<Slot> slots;
    for (auto row = words(next_line(text)); row.size() > port; row = words(next_line(text)))
        slots.push_back({std::string(row[3]),
                         std::string(row[4]) + " port " + std::string(row[port]),
                         parse<unsigned>(row[6]), std::string(row[0]), std::string(row[2])});
    return slots;
}

}  // namespace

Socket::Socket(Socket&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}

Socket& Socket::operator=(Socket&& other) noexcept {
    std::swap(descriptor_, other.descriptor_);
    return *this;
}

Socket::~Socket() {
    if (descriptor_ >= 0)
        close(descriptor_);
}

Socket connect_tcp(std::uint16_t port) {
    Socket made = open_socket(AF_INET);
    const sockaddr_in address = loopback(INADDR_LOOPBACK, port);
    if (connect(made.descriptor(), reinterpret_cast<const sockaddr*>(&address), sizeof address) !=
        0)
        fail("connect");
    set_flag(made, IPPROTO_TCP, TCP_NODELAY);
    return made;
}

Socket connect_unix(const std::string& path) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (path.size() >= sizeof address.sun_path)
        throw std::runtime_error("the path " + path + " is too long");
    std::memcpy(address.sun_path, path.data(), path.size());
    Socket made = open_socket(AF_UNIX);
    if (connect(made.descriptor(), reinterpret_cast<const sockaddr*>(&address), sizeof address) !=
        0)
        fail("connect to HAProxy");
    return made;
}

Socket listen_tcp(std::uint16_t port) {
    Socket made = open_socket(AF_INET);
    set_flag(made, SOL_SOCKET, SO_REUSEADDR);
    const sockaddr_in address = loopback(INADDR_ANY, port);
    if (bind(made.descriptor(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
        fail("bind");
    if (listen(made.descriptor(), 1024) != 0)
        fail("listen");
    return made;
}

void send_all(const Socket& socket, std::string_view data) {
    while (!data.empty()) {
        const ssize_t sent = send(socket.descriptor(), data.data(), data.size(), MSG_NOSIGNAL);
        if (sent < 0)
            fail("send");
        data.remove_prefix(static_cast<std::size_t>(sent));
    }
}

std::uint64_t parse_number(std::string_view text) {
    return parse<std::uint64_t>(text);
}

std::uint16_t parse_port(std::string_view text) {
    return parse<std::uint16_t>(text);
}

HttpAnswer HttpConnection::get(std::string_view target, const std::function<void()>& on_coming) {
    return ask("GET " + std::string(target) + " HTTP/1.1\r\nHost: localhost\r\n\r\n", on_coming);
}

HttpAnswer HttpConnection::put(std::string_view target, std::string_view body) {
    HttpAnswer answer =
        ask("PUT " + std::string(target) + " HTTP/1.1\r\nHost: localhost\r\nContent-Length: " +
            std::to_string(body.size()) + "\r\n\r\n" + std::string(body));
    if (answer.status != 200)
        throw std::runtime_error("Consul answers " + std::to_string(answer.status) + ": " +
                                 answer.body);
    return answer;
}

HttpAnswer HttpConnection::ask(std::string_view request, const std::function<void()>& on_coming) {
    send_all(socket_, request);
    if (on_coming) {
        pollfd one{socket_.descriptor(), POLLIN, 0};
        if (poll(&one, 1, -1) < 0)
            fail("poll");
        on_coming();
    }
    HttpAnswer answer;
    const std::string first = take_line();
    if (first.size() < 12)
        throw std::runtime_error("no HTTP: " + first);
    answer.status = parse<int>(std::string_view(first).substr(9, 3));
    std::size_t length = 0;
    bool chunked = false;
    for (std::string line = take_line(); !line.empty(); line = take_line()) {
        const auto colon = line.find(": ");
        if (colon == std::string::npos)
            continue;
        const std::string name = line.substr(0, colon);
        const std::string_view value = std::string_view(line).substr(colon + 2);
        if (strcasecmp(name.c_str(), "Content-Length") == 0)
            length = parse<std::size_t>(value);
        else if (strcasecmp(name.c_str(), "Transfer-Encoding") == 0)
            chunked = true;
        else if (strcasecmp(name.c_str(), "X-Consul-Index") == 0)
            answer.index = parse_number(value);
    }
    answer.body = chunked ? take_chunks() : take(length);
    return answer;
}

void HttpConnection::receive() {
    if (begin_ == received_.size()) {
        received_.clear();
        begin_ = 0;
    }
    receive_more(socket_, received_);
}

std::string HttpConnection::take_line() {
    std::size_t end = 0;
    while ((end = received_.find("\r\n", begin_)) == std::string::npos) receive();
    std::string line = received_.substr(begin_, end - begin_);
    begin_ = end + 2;
    return line;
}

std::string HttpConnection::take(std::size_t length) {
    while (received_.size() - begin_ < length) receive();
    std::string taken = received_.substr(begin_, length);
    begin_ += length;
    return taken;
}

std::string HttpConnection::take_chunks() {
    std::string body;
    for (;;) {
        const std::string line = take_line();
        std::size_t length = 0;
        std::from_chars(line.data(), line.data() + line.size(), length, 16);
        body += take(length);
        take_line();
        if (length == 0)
            return body;
    }
}

std::string converse(const std::string& path, const std::vector<std::string>& lines) {
    std::string received = exchange(connect_unix(path), "prompt\n", lines);
    expect_prompts(received, lines.size() + 1);
    return received;
}

Prompt::Prompt(const std::string& socket) : socket_(connect_unix(socket)) {
    send_all(socket_, "prompt\n");
    take();
}

std::string Prompt::ask(const std::string& line) {
    send_all(socket_, line + "\n");
    return take();
}

std::string Prompt::take() {
    std::string received;
    while (!received.ends_with("\n> ")) receive_more(socket_, received);
    return received;
}

double milliseconds_of(Clock::time_point time) {
    return std::chrono::duration<double, std::milli>(time.time_since_epoch()).count();
}

std::vector<Slot> read_slots(const std::string& socket, const std::string& backend) {
    return parse_slots(converse(socket, {"show servers state " + backend}));
}

Look::Look(const std::string& socket, const std::string& backend) : socket_(connect_unix(socket)) {
    send_all(socket_, "prompt\nshow servers state " + backend + "\n");
}

std::vector<Slot> Look::slots() const {
    std::string received;
    while (count_prompts(received) < 2) receive_more(socket_, received);
    return parse_slots(received);
}

void Look::act(const std::vector<std::string>& lines) const {
    expect_prompts(exchange(socket_, "", lines), lines.size());
}

}  // namespace bench
