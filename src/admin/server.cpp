// SPDX-License-Identifier: MIT
#include "slotd/admin/server.hpp"

#include "connection.hpp"
#include "listener.hpp"
#include "slotd/net/spawn.hpp"

#include <asio/ip/tcp.hpp>
#include <asio/redirect_error.hpp>
#include <asio/use_awaitable.hpp>

#include <algorithm>
#include <iterator>
#include <utility>

namespace slotd::admin {
namespace {

// After an accept that failed: most often no descriptor is left, and the next one fails at once.
constexpr std::chrono::milliseconds accept_pause(100);

/// An address that is listened on, and its clients.
struct Open {
    std::unique_ptr<Listener> listener;
    std::shared_ptr<Service> service;
    std::vector<net::Task> clients;

    Open(std::unique_ptr<Listener> listener_, std::shared_ptr<Service> service_)
        : listener(std::move(listener_)), service(std::move(service_)) {}

    Way way() const { return listener->address().is_unix() ? Way::unix_socket : Way::tcp; }

    void take(const std::shared_ptr<Connection>& connection) {
        std::erase_if(clients, [](const net::Task& client) { return client.done(); });
        const std::size_t most = service->limits.connections;
        if (clients.size() >= 2 * most)
            return;
        asio::error_code ignored;
        if (way() == Way::tcp)
            connection->socket.set_option(asio::ip::tcp::no_delay(true), ignored);
        const bool busy = clients.size() >= most;
        clients.push_back(net::spawn(connection->socket.get_executor(),
                                     serve(connection, service, busy)));
    }
};

asio::awaitable<void> accept(std::shared_ptr<Open> open) {
    const asio::any_io_executor executor = open->listener->acceptor().get_executor();
    asio::steady_timer pause(executor);
    for (;;) {
        const auto connection = std::make_shared<Connection>(executor, open->way());
        asio::error_code error;
        co_await open->listener->acceptor().async_accept(
            connection->socket, asio::redirect_error(asio::use_awaitable, error));
        if (!open->listener || error == asio::error::operation_aborted)
            co_return;
        if (!error) {
            open->take(connection);
            continue;
        }
        pause.expires_after(accept_pause);
        co_await pause.async_wait(asio::redirect_error(asio::use_awaitable, error));
        if (!open->listener)
            co_return;
    }
}

}  // namespace

class Server::Door {
  public:
    Door(const asio::any_io_executor& executor, std::unique_ptr<Listener> listener,
         std::shared_ptr<Service> service)
        : address_(listener->address()),
          open_(std::make_shared<Open>(std::move(listener), std::move(service))),
          accepting_(net::spawn(executor, accept(open_))) {}
    ~Door() {
        accepting_ = net::Task();
        open_->listener.reset();
        open_->clients.clear();
    }
    Door(const Door&) = delete;
    Door& operator=(const Door&) = delete;

    const ListenAddress& address() const { return address_; }

  private:
    ListenAddress address_;
    std::shared_ptr<Open> open_;
    net::Task accepting_;
};

struct Server::Impl {
    using Doors = std::vector<std::unique_ptr<Door>>;

    asio::any_io_executor executor;
    std::shared_ptr<Service> service;
    Doors doors;

    Impl(asio::any_io_executor executor_, std::shared_ptr<Service> service_)
        : executor(std::move(executor_)), service(std::move(service_)) {}

    static bool has(const Doors& doors, const ListenAddress& address) {
        return std::any_of(doors.begin(), doors.end(),
                           [&](const auto& door) { return door->address() == address; });
    }
};

Server::Server(asio::any_io_executor executor, Parts parts, Limits limits)
    : impl_(std::make_unique<Impl>(std::move(executor),
                                   std::make_shared<Service>(std::move(parts), limits))) {}

Server::~Server() = default;

model::Result<void> Server::listen(const std::vector<ListenAddress>& all) {
    Impl::Doors fresh;
    for (const ListenAddress& address : all) {
        if (Impl::has(impl_->doors, address) || Impl::has(fresh, address))
            continue;
        auto listener = Listener::open(impl_->executor, address);
        if (!listener)
            return listener.error();
        fresh.push_back(
            std::make_unique<Door>(impl_->executor, *std::move(listener), impl_->service));
    }
    std::erase_if(impl_->doors, [&](const auto& door) {
        return std::find(all.begin(), all.end(), door->address()) == all.end();
    });
    std::move(fresh.begin(), fresh.end(), std::back_inserter(impl_->doors));
    return {};
}

void Server::close() {
    impl_->doors.clear();
}

}  // namespace slotd::admin
