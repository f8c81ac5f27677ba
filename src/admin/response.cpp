// SPDX-License-Identifier: MIT
#include "slotd/admin/response.hpp"

#include <utility>

namespace slotd::admin {
namespace {

std::string_view reason_of(int status) {
    switch (status) {
        case 200:
            return "OK";
        case 400:
            return "Bad Request";
        case 403:
            return "Forbidden";
        case 404:
            return "Not Found";
        case 405:
            return "Method Not Allowed";
        case 408:
            return "Request Timeout";
        case 409:
            return "Conflict";
        case 413:
            return "Content Too Large";
        case 414:
            return "URI Too Long";
        case 431:
            return "Request Header Fields Too Large";
        case 501:
            return "Not Implemented";
        case 503:
            return "Service Unavailable";
        case 505:
            return "HTTP Version Not Supported";
        default:
            return "Internal Server Error";
    }
}

}  // namespace

Response::Response(int status_, std::string_view line) : status(status_), body(line) {
    body += '\n';
}

Response Response::json(std::string body) {
    Response response;
    response.type = "application/json";
    response.body = std::move(body);
    return response;
}

std::string head_of(const Response& response) {
    std::string head = "HTTP/1.1 " + std::to_string(response.status) + " ";
    head += reason_of(response.status);
    head += "\r\nContent-Type: " + response.type;
    if (!response.is_stream)
        head += "\r\nContent-Length: " + std::to_string(response.text().size());
    if (!response.allow.empty())
        head += "\r\nAllow: " + response.allow;
    head +=
        "\r\nConnection: close"
        "\r\nCache-Control: no-store"
        "\r\nX-Content-Type-Options: nosniff"
        "\r\nCross-Origin-Resource-Policy: same-origin"
        "\r\nReferrer-Policy: no-referrer"
        "\r\nContent-Security-Policy: " +
        response.security_policy + "\r\n\r\n";
    return head;
}

}  // namespace slotd::admin
