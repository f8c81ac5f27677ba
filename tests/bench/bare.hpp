// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

/// Blocking sockets and the least of HTTP and of HAProxy's runtime socket that the benchmarks need.
/// Everything throws std::runtime_error or std::system_error.
namespace bench {

using Clock = std::chrono::steady_clock;

/// Owns a descriptor.
class Socket {
  public:
    explicit Socket(int descriptor) : descriptor_(descriptor) {}
    Socket(Socket&& other) noexcept;
    Socket& operator=(Socket&& other) noexcept;
    Socket(const Socket&) = delete;
    Socket& operator=(const Socket&) = delete;
    ~Socket();

    int descriptor() const { return descriptor_; }

  private:
    int descriptor_;
};

/// To 127.0.0.1.
Socket connect_tcp(std::uint16_t port);
Socket connect_unix(const std::string& path);
/// On every address, for 127.0.0.0/8.
Socket listen_tcp(std::uint16_t port);

void send_all(const Socket& socket, std::string_view data);

/// Throws unless `text` is a whole number.
std::uint64_t parse_number(std::string_view text);
std::uint16_t parse_port(std::string_view text);

struct HttpAnswer {
    int status = 0;
    std::uint64_t index = 0;  ///< X-Consul-Index
    std::string body;
};

/// HTTP/1.1 to 127.0.0.1 on one kept connection.
class HttpConnection {
  public:
    explicit HttpConnection(std::uint16_t port) : socket_(connect_tcp(port)) {}

    /// `on_coming` as soon as the first bytes of the answer are there.
    HttpAnswer get(std::string_view target, const std::function<void()>& on_coming = {});
    /// Throws unless Consul answers 200.
    HttpAnswer put(std::string_view target, std::string_view body);

  private:
    HttpAnswer ask(std::string_view request, const std::function<void()>& on_coming = {});
    void receive();
    std::string take_line();
    std::string take(std::size_t length);
    std::string take_chunks();

    Socket socket_;
    std::string received_;
    std::size_t begin_ = 0;
};

/// The lines on a fresh connection to HAProxy: `prompt`, all of them pipelined, `quit`; all it
/// answered. Throws unless each line was answered.
std::string converse(const std::string& socket, const std::vector<std::string>& lines);

/// A kept connection to HAProxy, for one command at a time.
class Prompt {
  public:
    explicit Prompt(const std::string& socket);
    std::string ask(const std::string& line);

  private:
    std::string take();

    Socket socket_;
};

/// Of the system's steady clock, for times that another process compares.
double milliseconds_of(Clock::time_point time);

struct Slot {
    std::string name;
    std::string at;  ///< "127.0.1.1 port 80", as `set server addr` takes it
    unsigned admin = 0;
    std::string backend_id;
    std::string server_id;

    bool is_maint() const { return (admin & 0x23U) != 0; }
    bool is_ready() const { return (admin & 0x7BU) == 0; }
};

/// `show servers state BACKEND`.
std::vector<Slot> read_slots(const std::string& socket, const std::string& backend);

/// A fresh connection that is asked for a backend's slots first, and takes commands once these are
/// read.
class Look {
  public:
    Look(const std::string& socket, const std::string& backend);
    std::vector<Slot> slots() const;
    void act(const std::vector<std::string>& lines) const;

  private:
    Socket socket_;
};

}  // namespace bench
