// SPDX-License-Identifier: MIT
#include "bare.hpp"

#include <algorithm>
#include <cstdio>
#include <deque>
#include <exception>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <stdexcept>
#include <thread>
#include <unistd.h>

// What slotd does, without anything that makes it safe: the floor that its figures are compared
// with. It trusts every answer and reply, remembers instead of reading, never backs off and knows
// no reload. With `look` it reads its backend before it writes, on the same fresh connection, as a
// round of slotd's does: what slotd takes beyond that is its own, less what it does meanwhile.

namespace bench {
namespace {

// A development agent puts a blank after each colon.
std::size_t find_value(std::string_view text, std::string_view key, std::size_t from = 0) {
    const auto at = text.find(key, from);
    if (at == std::string_view::npos)
        return at;
    return text.find_first_not_of(' ', at + key.size());
}

std::string_view value(std::string_view text, std::string_view key, char end) {
    const auto at = find_value(text, key);
    if (at == std::string_view::npos)
        throw std::runtime_error("Consul's answer has no " + std::string(key));
    return text.substr(at, text.find(end, at) - at);
}

bool all_passing(std::string_view checks) {
    constexpr std::string_view key = "\"Status\":";
    for (auto at = find_value(checks, key); at != std::string_view::npos;
         at = find_value(checks, key, at))
        if (!checks.substr(at).starts_with("\"passing\""))
            return false;
    return true;
}

// Each entry has one "Service" that is an object; other keys of that name are strings.
std::size_t next_service(std::string_view body, std::size_t from) {
    auto at = find_value(body, "\"Service\":", from);
    while (at != std::string_view::npos && body[at] != '{')
        at = find_value(body, "\"Service\":", at);
    return at;
}

std::set<std::string> passing(std::string_view body) {
    std::set<std::string> found;
    for (auto at = next_service(body, 0); at != std::string_view::npos;) {
        const auto next = next_service(body, at);
        const std::string_view entry = body.substr(at, std::min(next, body.size()) - at);
        at = next;
        const auto checks = entry.find("\"Checks\":");
        if (checks == std::string_view::npos || !all_passing(entry.substr(checks)))
            continue;
        const std::string_view address = value(entry, "\"Address\":", ',');
        found.insert(std::string(address.substr(1, address.size() - 2)) + " port " +
                     std::string(value(entry, "\"Port\":", ',')));
    }
    return found;
}

// s2 before s10: HAProxy's order, which is slotd's too.
struct ByNumber {
    bool operator()(const std::string& a, const std::string& b) const {
        return a.size() == b.size() ? a < b : a.size() < b.size();
    }
};

using Places = std::map<std::string, std::string, ByNumber>;  // slot, address

bool shows(const std::vector<Slot>& slots, const Places& places) {
    const auto shown = std::count_if(slots.begin(), slots.end(), [&](const Slot& slot) {
        const auto place = places.find(slot.name);
        return place != places.end() && place->second == slot.at;
    });
    return static_cast<std::size_t>(shown) == places.size();
}

/// Both phases on one backend.
class Writer {
  public:
    Writer(std::string socket, std::string backend)
        : socket_(std::move(socket)), backend_(std::move(backend)) {}

    std::vector<Slot> read() const { return read_slots(socket_, backend_); }
    Look look() const { return Look(socket_, backend_); }

    void fill(const Places& places, std::optional<Look>& look) const {
        std::vector<std::string> lines;
        lines.reserve(places.size());
        for (const auto& [slot, at] : places) lines.push_back(set(slot) + "addr " + at);
        tell(lines, look);
        while (!shows(read(), places)) {
        }
        lines.clear();
        for (const auto& [slot, at] : places) lines.push_back(set(slot) + "state ready");
        converse(socket_, lines);
    }

    void put_out(const std::vector<std::string>& slots, std::optional<Look>& look) const {
        state(slots, "drain", look);
        const auto until = Clock::now() + std::chrono::seconds(10);
        while (sessions(slots)) {
            if (Clock::now() > until)
                throw std::runtime_error("not in time: the slots of " + backend_ + " are empty");
            std::this_thread::sleep_for(std::chrono::milliseconds(1));
        }
        state(slots, "maint", look);
    }

  private:
    std::string set(const std::string& slot) const {
        return "set server " + backend_ + "/" + slot + " ";
    }

    // A look is good for one conversation.
    void tell(const std::vector<std::string>& lines, std::optional<Look>& look) const {
        if (look)
            look->act(lines);
        else
            converse(socket_, lines);
        look.reset();
    }

    void state(const std::vector<std::string>& slots, const std::string& to,
               std::optional<Look>& look) const {
        std::vector<std::string> lines;
        lines.reserve(slots.size());
        for (const std::string& slot : slots) lines.push_back(set(slot) + "state " + to);
        tell(lines, look);
    }

    bool sessions(const std::vector<std::string>& names) const {
        std::vector<std::string> lines;
        for (const Slot& slot : read())
            if (std::find(names.begin(), names.end(), slot.name) != names.end())
                lines.push_back("show stat " + slot.backend_id + " 4 " + slot.server_id);
        const std::string received = converse(socket_, lines);
        std::size_t empty = 0;
        // pxname,svname,qcur,qmax,scur
        for (const std::string& name : names) {
            const auto at = received.find("\n" + backend_ + "," + name + ",0,");
            if (at == std::string::npos)
                continue;
            const std::string_view rest =
                std::string_view(received).substr(at + backend_.size() + name.size() + 5);
            empty += rest.substr(rest.find(',') + 1).starts_with("0,");
        }
        return empty < names.size();
    }

    std::string socket_;
    std::string backend_;
};

void follow(std::uint16_t consul, const std::string& service, const Writer& writer, bool looks) {
    HttpConnection connection(consul);
    std::map<std::string, std::string> slot_of;
    std::deque<std::string> free;
    for (const Slot& slot : writer.read()) free.push_back(slot.name);
    const std::string target = "/v1/health/service/" + service + "?stale";
    HttpAnswer answer = connection.get(target);
    std::optional<Look> look;
    std::function<void()> on_coming;
    if (looks)
        on_coming = [&] { look.emplace(writer.look()); };
    for (;;) {
        const std::set<std::string> wanted = passing(answer.body);
        if (look && look->slots().empty())
            throw std::runtime_error("no slots in the backend " + service);
        Places come;
        for (const std::string& at : wanted) {
            if (slot_of.contains(at) || free.empty())
                continue;
            come[free.front()] = at;
            slot_of[at] = free.front();
            free.pop_front();
        }
        std::vector<std::string> leave;
        for (const auto& [at, slot] : slot_of)
            if (!wanted.contains(at))
                leave.push_back(slot);
        std::erase_if(slot_of, [&](const auto& entry) { return !wanted.contains(entry.first); });
        if (!come.empty())
            writer.fill(come, look);
        if (!leave.empty())
            writer.put_out(leave, look);
        look.reset();
        free.insert(free.end(), leave.begin(), leave.end());
        answer = connection.get(target + "&index=" + std::to_string(answer.index) + "&wait=60s",
                                on_coming);
    }
}

void fill(const Writer& writer, const std::string& port) {
    Places places;
    std::size_t count = 0;
    for (const Slot& slot : writer.read()) {
        places[slot.name] = "127.0." + std::to_string(1 + count / 250) + "." +
                            std::to_string(1 + count % 250) + " port " + port;
        ++count;
    }
    const auto began = Clock::now();
    std::optional<Look> none;
    writer.fill(places, none);
    std::printf("%.3f\n", milliseconds_of(began));
}

void read_once(const std::string& socket, std::uint16_t consul,
               const std::vector<std::string>& services) {
    HttpConnection connection(consul);
    std::size_t instances = 0;
    for (const std::string& service : services)
        instances +=
            passing(connection.get("/v1/health/service/" + service + "?stale").body).size();
    const std::string state = converse(socket, {"show info", "show servers state"});
    std::printf("%zu instances, %zu bytes of state\n", instances, state.size());
}

int run(const std::vector<std::string>& arguments) {
    const std::string mode = arguments.empty() ? "" : arguments[0];
    if (mode == "fill" && arguments.size() == 4) {
        fill(Writer(arguments[1], arguments[2]), arguments[3]);
        return 0;
    }
    if (mode == "read" && arguments.size() > 3) {
        read_once(arguments[1], parse_port(arguments[2]), {arguments.begin() + 3, arguments.end()});
        return 0;
    }
    if ((mode == "follow" || mode == "look") && arguments.size() > 3) {
        std::vector<std::thread> threads;
        for (std::size_t i = 3; i < arguments.size(); ++i)
            threads.emplace_back(follow, parse_port(arguments[2]), arguments[i],
                                 Writer(arguments[1], arguments[i]), mode == "look");
        for (std::thread& thread : threads) thread.join();
    }
    std::fputs(
        "usage: bench-floor follow SOCKET CONSUL_PORT SERVICE...   fill the backends of the same "
        "names, until killed\n"
        "       bench-floor look SOCKET CONSUL_PORT SERVICE...     the same, and read each before "
        "it is "
        "written\n"
        "       bench-floor fill SOCKET BACKEND PORT               fill every slot once and print "
        "when it began\n"
        "       bench-floor read SOCKET CONSUL_PORT SERVICE...     read all that a plan needs\n",
        stderr);
    return 2;
}

}  // namespace
}  // namespace bench

int main(int argc, char** argv) {
    try {
        return bench::run({argv + 1, argv + argc});
    } catch (const std::exception& error) {
        std::fprintf(stderr, "bench-floor: %s\n", error.what());
        return 1;
    }
}
