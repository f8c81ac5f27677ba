// SPDX-License-Identifier: MIT
#include "bare.hpp"
#include "origin.hpp"
#include "scrape.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <exception>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <thread>

// The measuring side, the same for slotd and for the floor: one thread that asks HAProxy over one
// kept connection, in the moments that count only.

namespace bench {
namespace {

using std::chrono::milliseconds;
using Time = Clock::time_point;

constexpr auto patience = std::chrono::seconds(10);
// slotd asks for a service that changes without end once a second, as Consul advises: a service's
// two changes come this far apart.
constexpr milliseconds least_cycle(2300);
// Long enough that the one who follows asks Consul again before the next change.
constexpr milliseconds between_changes(60);

// Between two requests: without it this program, HAProxy and the origin take both cores of a small
// machine, and what is measured is who gets them.
constexpr std::chrono::microseconds between_requests(100);

std::string body_of(HttpConnection& traffic) {
    std::this_thread::sleep_for(between_requests);
    return traffic.get("/").body;
}

void expect_before(Time until, const std::string& what) {
    if (Clock::now() > until)
        throw std::runtime_error("not in time: " + what);
}

struct Side {
    std::string name;
    std::string service;  ///< and backend
    std::uint16_t frontend = 0;
    Time changed{};
};

class Latency {
  public:
    Latency(std::string socket, std::uint16_t consul, std::uint16_t origin_port,
            std::vector<Side> sides)
        : socket_(std::move(socket)),
          consul_(consul),
          origin_(origin_port),
          origin_port_(std::to_string(origin_port)),
          sides_(std::move(sides)) {}

    void run(std::size_t samples) {
        for (Side& side : sides_) {
            enrol(side, "stay", next_address());
            wait_slots(side, 1);
            side.changed = Clock::now();
        }
        // Each goes first as often as second.
        for (std::size_t sample = 0; sample < samples; ++sample) {
            for (std::size_t i = 0; i < sides_.size(); ++i) {
                const bool swapped = sample % 2 == 1 && (i ^ 1U) < sides_.size();
                measure(sides_[swapped ? i ^ 1U : i]);
            }
        }
    }

  private:
    std::string next_address() {
        const std::size_t n = count_++ % 50'000;
        return "127.1." + std::to_string(n / 250) + "." + std::to_string(1 + n % 250);
    }

    void enrol(const Side& side, const std::string& instance, const std::string& address) {
        const std::string id = side.service + "-" + instance;
        consul_.put(
            "/v1/catalog/register",
            R"({"Node":"bench","Address":"127.0.0.1","SkipNodeUpdate":true,"Service":{"ID":")" +
                id + R"(","Service":")" + side.service + R"(","Address":")" + address +
                R"(","Port":)" + origin_port_ + R"(},"Check":{"Node":"bench","CheckID":"service:)" +
                id + R"(","Name":"up","Status":"passing","ServiceID":")" + id + R"("}})");
    }

    void strike_off(const Side& side, const std::string& instance) {
        consul_.put("/v1/catalog/deregister",
                    R"({"Node":"bench","ServiceID":")" + side.service + "-" + instance + R"("})");
    }

    void measure(Side& side) {
        std::this_thread::sleep_until(side.changed + least_cycle);
        wait_slots(side, 1);
        HttpConnection traffic(side.frontend);
        const std::string instance = std::to_string(count_);
        const std::string address = next_address();
        if (traffic.get("/").body == address)
            throw std::runtime_error("an address serves before it is registered");

        const Time asked = Clock::now();
        enrol(side, instance, address);
        const Time accepted = Clock::now();
        note(side, "registration", asked, accepted, first_response(traffic, address));

        std::this_thread::sleep_for(between_changes);
        while (traffic.get("/").body != address) expect_before(accepted + patience, address);
        const Time asked_again = Clock::now();
        strike_off(side, instance);
        const Time accepted_again = Clock::now();
        note(side, "removal", asked_again, accepted_again, last_response(traffic, address));
        side.changed = Clock::now();
        std::this_thread::sleep_for(between_changes);
    }

    static void note(const Side& side, const char* kind, Time asked, Time accepted, Time done) {
        const std::chrono::duration<double, std::milli> strict = done - accepted;
        const std::chrono::duration<double, std::milli> whole = done - asked;
        std::printf("%s %s %.4f %.4f\n", side.name.c_str(), kind, strict.count(), whole.count());
    }

    static Time first_response(HttpConnection& traffic, const std::string& address) {
        const Time until = Clock::now() + patience;
        while (body_of(traffic) != address) expect_before(until, address + " answers");
        return Clock::now();
    }

    // roundrobin gives two instances of equal weight every other request: the second answer in a
    // row that should have been the leaving one's is the first that can't come from it any more. A
    // few more must not either.
    static Time last_response(HttpConnection& traffic, const std::string& address) {
        const Time until = Clock::now() + patience;
        Time gone{};
        for (int others = 0; others < 6; ++others) {
            if (body_of(traffic) == address)
                others = -1;
            else if (others == 1)
                gone = Clock::now();
            expect_before(until, address + " gets no more requests");
        }
        return gone;
    }

    /// Until so many slots of the backend are ready, and all others in maint.
    void wait_slots(const Side& side, std::ptrdiff_t ready) {
        const Time until = Clock::now() + patience;
        for (;;) {
            const std::vector<Slot> slots = read_slots(socket_, side.service);
            const auto serving = std::count_if(slots.begin(), slots.end(),
                                               [](const Slot& slot) { return slot.is_ready(); });
            const auto resting = std::count_if(slots.begin(), slots.end(),
                                               [](const Slot& slot) { return slot.is_maint(); });
            if (serving == ready && serving + resting == static_cast<std::ptrdiff_t>(slots.size()))
                return;
            expect_before(until, side.service + " rests");
            std::this_thread::sleep_for(milliseconds(10));
        }
    }

    std::string socket_;
    HttpConnection consul_;
    Origin origin_;
    std::string origin_port_;
    std::vector<Side> sides_;
    std::size_t count_ = 0;
};

std::string take_request(const Socket& from) {
    std::array<char, 4096> request{};
    const ssize_t got = recv(from.descriptor(), request.data(), request.size(), 0);
    if (got <= 0)
        throw std::runtime_error("slotd asks for nothing");
    return std::string(request.data(), static_cast<std::size_t>(got));
}

/// Waits until every slot of a backend is ready; the same for slotd and for the floor, since each
/// look takes HAProxy's time.
class FillWatch {
  public:
    FillWatch(std::string socket, std::string backend)
        : socket_(std::move(socket)), backend_(std::move(backend)), looks_(socket_) {
        const Slot last = read_slots(socket_, backend_).back();
        look_ = "show stat " + last.backend_id + " 4 " + last.server_id;
    }

    /// One slot costs HAProxy little to show; a thousand would slow down what is measured, so they
    /// are looked at once the last one is ready, and that look is not part of the time.
    Time wait() {
        const Time until = Clock::now() + patience;
        while (looks_.ask(look_).find(",MAINT") != std::string::npos) {
            expect_before(until, "the last slot is ready");
            std::this_thread::sleep_for(milliseconds(1));
        }
        Time ready = Clock::now();
        while (!are_all_ready()) {
            ready = Clock::now();
            expect_before(until, "all slots are ready");
        }
        return ready;
    }

  private:
    bool are_all_ready() const {
        const std::vector<Slot> slots = read_slots(socket_, backend_);
        return std::all_of(slots.begin(), slots.end(),
                           [](const Slot& slot) { return slot.is_ready(); });
    }

    std::string socket_;
    std::string backend_;
    Prompt looks_;
    std::string look_;
};

/// Plays a Consul without ACLs for one slotd: `answer` is a whole recorded response, sent as soon
/// as slotd asks, which it does once it has read of the service in HAProxy's slots; what follows is
/// never answered. Prints the milliseconds from the answer until every slot of the backend is
/// ready.
void fill(std::uint16_t port, const std::string& answer_path, const std::string& socket,
          const std::string& backend) {
    std::ifstream file(answer_path, std::ios::binary);
    const std::string answer{std::istreambuf_iterator<char>(file), {}};
    if (answer.empty())
        throw std::runtime_error("can't read " + answer_path);
    FillWatch watch(socket, backend);

    const Socket listener = listen_tcp(port);
    std::puts("listening");
    std::fflush(stdout);
    const Socket slotd(accept(listener.descriptor(), nullptr, nullptr));
    take_request(slotd);
    send_all(slotd, answer);
    const Time began = Clock::now();
    // Before it acts on a first answer, slotd asks whether the token might hide some of it.
    if (take_request(slotd).find("/acl/authorize") == std::string::npos)
        throw std::runtime_error("slotd does not ask what its token may read");
    send_all(slotd, "HTTP/1.1 401 Unauthorized\r\nContent-Length: 20\r\n\r\nACL support disabled");
    const std::chrono::duration<double, std::milli> took = watch.wait() - began;
    std::printf("%.3f\n", took.count());
}

/// Prints a line once it watches, and when every slot is ready by the system's steady clock.
void watch(const std::string& socket, const std::string& backend) {
    FillWatch watch(socket, backend);
    std::puts("watching");
    std::fflush(stdout);
    std::printf("%.3f\n", milliseconds_of(watch.wait()));
}

int run(const std::vector<std::string>& arguments) {
    const std::string mode = arguments.empty() ? "" : arguments[0];
    if (mode == "latency" && arguments.size() > 7 && (arguments.size() - 5) % 3 == 0) {
        std::vector<Side> sides;
        for (std::size_t i = 5; i < arguments.size(); i += 3) {
            Side side;
            side.name = arguments[i];
            side.service = arguments[i + 1];
            side.frontend = parse_port(arguments[i + 2]);
            sides.push_back(side);
        }
        // Sleeps end 50 us late otherwise.
        prctl(PR_SET_TIMERSLACK, 1UL);
        Latency(arguments[1], parse_port(arguments[2]), parse_port(arguments[3]), std::move(sides))
            .run(parse_number(arguments[4]));
        return 0;
    }
    if (mode == "fill" && arguments.size() == 5) {
        fill(parse_port(arguments[1]), arguments[2], arguments[3], arguments[4]);
        return 0;
    }
    if (mode == "watch" && arguments.size() == 3) {
        watch(arguments[1], arguments[2]);
        return 0;
    }
    if (mode == "scrape" && arguments.size() == 3) {
        std::printf("%.1f\n", scrape(parse_port(arguments[1]), parse_number(arguments[2])));
        return 0;
    }
    std::fputs(
        "usage: bench-client latency SOCKET CONSUL_PORT ORIGIN_PORT SAMPLES (SIDE SERVICE "
        "FRONTEND_PORT)...\n"
        "       bench-client fill PORT ANSWER_FILE SOCKET BACKEND\n"
        "       bench-client watch SOCKET BACKEND\n"
        "       bench-client scrape PORT A_SECOND\n",
        stderr);
    return 2;
}

}  // namespace
}  // namespace bench

int main(int argc, char** argv) {
    try {
        return bench::run({argv + 1, argv + argc});
    } catch (const std::exception& error) {
        std::fprintf(stderr, "bench-client: %s\n", error.what());
        return 1;
    }
}
