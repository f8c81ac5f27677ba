// SPDX-License-Identifier: MIT
#include "origin.hpp"

#include <arpa/inet.h>
#include <array>
#include <cstdlib>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string>
#include <string_view>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>
#include <vector>

namespace bench {
namespace {

std::string answer_of(int descriptor) {
    sockaddr_in own{};
    socklen_t length = sizeof own;
    getsockname(descriptor, reinterpret_cast<sockaddr*>(&own), &length);
    std::array<char, INET_ADDRSTRLEN> text{};
    inet_ntop(AF_INET, &own.sin_addr, text.data(), text.size());
    const std::string body = text.data();
    return "HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

void watch(int epoll, int descriptor) {
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.fd = descriptor;
    if (epoll_ctl(epoll, EPOLL_CTL_ADD, descriptor, &event) != 0)
        std::abort();
}

class Server {
  public:
    explicit Server(int listener) : listener_(listener), epoll_(epoll_create1(EPOLL_CLOEXEC)) {
        watch(epoll_, listener_);
    }

    [[noreturn]] void run() {
        std::array<epoll_event, 64> events{};
        for (;;) {
            const int ready = epoll_wait(epoll_, events.data(), events.size(), -1);
            for (int i = 0; i < ready; ++i) {
                const int descriptor = events[static_cast<std::size_t>(i)].data.fd;
                if (descriptor == listener_)
                    welcome();
                else
                    serve(descriptor);
            }
        }
    }

  private:
    void welcome() {
        const int descriptor = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
        if (descriptor < 0)
            return;
        const int on = 1;
        setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        const auto number = static_cast<std::size_t>(descriptor);
        if (answers_.size() <= number)
            answers_.resize(number + 1);
        answers_[number] = answer_of(descriptor);
        watch(epoll_, descriptor);
    }

    // HAProxy's requests fit into one packet, and it sends the next only after the answer.
    void serve(int descriptor) {
        std::array<char, 4096> request{};
        const ssize_t got = recv(descriptor, request.data(), request.size(), 0);
        if (got <= 0) {
            close(descriptor);
            return;
        }
        const std::string& answer = answers_[static_cast<std::size_t>(descriptor)];
        if (std::string_view(request.data(), static_cast<std::size_t>(got)).ends_with("\r\n\r\n"))
            send(descriptor, answer.data(), answer.size(), MSG_NOSIGNAL);
    }

    int listener_;
    int epoll_;
    std::vector<std::string> answers_;  // by descriptor
};

}  // namespace

Origin::Origin(std::uint16_t port)
    : listener_(listen_tcp(port)),
      thread_([descriptor = listener_.descriptor()] { Server(descriptor).run(); }) {
    thread_.detach();
}

}  // namespace bench
