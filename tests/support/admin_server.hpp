// SPDX-License-Identifier: MIT
#pragma once

#include "slotd/admin/server.hpp"
#include "support/client.hpp"
#include "support/shown.hpp"

#include <memory>
#include <string>

namespace slotd::testing {

/// A server of what is `Shown`, on TCP and on a UNIX socket.
class AdminServer : public Shown {
  public:
    explicit AdminServer(admin::Limits limits = admin::Limits())
        : server(std::make_unique<admin::Server>(io.get_executor(), parts(), limits)) {
        const auto listening = server->listen({tcp, unix_socket});
        if (!listening)
            throw std::runtime_error(to_string(listening.error()));
    }
    ~AdminServer() {
        server.reset();
        run_out(io);
    }

    std::unique_ptr<Client> client() { return std::make_unique<Client>(io, endpoint_of(port)); }
    std::unique_ptr<Client> unix_client() {
        return std::make_unique<Client>(io, path.endpoint());
    }

    /// The whole answer to a request over TCP.
    std::string ask(const std::string& request) { return ask(*client(), request); }
    std::string ask(Client& client, const std::string& request) {
        client.send(request);
        return client.wait_end();
    }

    static admin::ListenAddress address(const std::string& text) {
        return *admin::ListenAddress::parse(text);
    }
    static Endpoint endpoint_of(std::uint16_t port) {
        return asio::ip::tcp::endpoint(asio::ip::address_v4::loopback(), port);
    }

    std::uint16_t port = free_port();
    SocketPath path;
    admin::ListenAddress tcp = address("127.0.0.1:" + std::to_string(port));
    admin::ListenAddress unix_socket = address("unix:" + path.text());
    std::unique_ptr<admin::Server> server;
};

inline const std::string healthz = "GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n";

/// The status line of an answer: "200 OK".
inline std::string status_of(const std::string& answer) {
    return answer.size() > 9 ? answer.substr(9, answer.find('\r') - 9) : answer;
}

inline std::string body_of(const std::string& answer) {
    return answer.substr(answer.find("\r\n\r\n") + 4);
}

}  // namespace slotd::testing
