// SPDX-License-Identifier: MIT
#pragma once

#include "slotd/net/spawn.hpp"
#include "slotd/sync/driver.hpp"
#include "support/fake_consul.hpp"
#include "support/fake_runtime.hpp"
#include "support/log_lines.hpp"
#include "support/loop.hpp"
#include "support/notation.hpp"

#include <asio/io_context.hpp>

#include <algorithm>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace slotd::testing {

/// Instances, as list() takes them.
inline const std::string a = "a 10.0.0.1:80";
inline const std::string b = "b 10.0.0.2:80";
inline const std::string c = "c 10.0.0.3:80";

/// slotd's driver between a FakeHaproxy and a FakeConsul.
class Daemon {
  public:
    explicit Daemon(FakeVersion version = FakeVersion::v2_6)
        : haproxy(version),
          consul(std::make_shared<FakeConsul>(io.get_executor())),
          runtime_(std::make_unique<FakeRuntime>(haproxy)),
          subscriptions_(std::make_unique<sync::Subscriptions>(io.get_executor(), consul, half())) {
        runtime = runtime_.get();
        settings.poll = milliseconds(20);
        // What a removal waits for is the business of doubt_test.cpp.
        settings.defaults.policy.confirm = milliseconds(0);
    }
    ~Daemon() {
        task_ = net::Task();
        io.restart();
        io.poll();
        driver_.reset();
        subscriptions_.reset();
        run_out(io);
    }
    Daemon(const Daemon&) = delete;
    Daemon& operator=(const Daemon&) = delete;

    void start() {
        const sync::DriverParts parts(
            io.get_executor(), &settings, subscriptions_.get(), &pauses, &log_.log, &record,
            [this] { return std::chrono::steady_clock::now() + later; }, half());
        driver_ = std::make_unique<sync::Driver>(parts, "/run/h.sock", std::move(runtime_));
        task_ = net::spawn(io.get_executor(), driver_->run());
        pauses.on_change([this](const std::string& backend, bool) { driver_->stir(backend); });
    }

    /// Consul lists these as instances of the service web.
    void list(const Lines& texts) { consul->set("web", instances(texts)); }

    void wait(const std::function<bool()>& done) { run_until(io, done); }

    void wait_log(const std::string& line) {
        wait_for(
            [&] {
                const Lines lines = log();
                return std::find(lines.begin(), lines.end(), line) != lines.end();
            },
            [&] { return "no line \"" + line + "\" in:\n" + log_.text.str(); });
    }

    void wait_shown(const Lines& slots) {
        wait_for([&] { return shown() == slots; }, [&] { return log_.text.str(); });
    }

    /// `settings` was changed.
    void take_settings() { driver_->take_settings(); }
    /// Asks another Consul from now on.
    void use(const std::shared_ptr<FakeConsul>& other) { subscriptions_->use(other, true); }

    sync::Status status(sync::Detail detail = sync::Detail::slots) const {
        sync::Status status;
        driver_->describe(status, detail);
        return status;
    }

    /// So many more looks at HAProxy.
    void wait_reads(std::size_t more) {
        const std::size_t until = runtime->reads + more;
        wait([&] { return runtime->reads >= until; });
    }

    Lines log() const { return log_.lines(); }

    Lines lines_of(const std::string& level) const {
        Lines lines = log();
        std::erase_if(lines, [&](const std::string& line) { return !line.starts_with(level); });
        return lines;
    }

    /// The commands so far that have `part` in them.
    Lines sent(const std::string& part) const {
        Lines lines = runtime->sent;
        std::erase_if(
            lines, [&](const std::string& line) { return line.find(part) == std::string::npos; });
        return lines;
    }

    /// The slots of the backend web: "s1 ready 10.0.0.1:80 [weight 3]".
    Lines shown() {
        Lines lines;
        for (const FakeServer& one : haproxy.backend("web").servers)
            if (one.is_slot)
                lines.push_back(one.name +
                                (one.maint   ? " maint "
                                 : one.drain ? " drain "
                                             : " ready ") +
                                where(one) +
                                (one.weight == 1 ? "" : " weight " + std::to_string(one.weight)));
        return lines;
    }

    /// The addresses of the ready slots of the backend web, sorted.
    Lines ready() {
        Lines lines;
        for (const FakeServer& one : haproxy.backend("web").servers)
            if (one.is_slot && one.is_ready())
                lines.push_back(where(one));
        std::sort(lines.begin(), lines.end());
        return lines;
    }

    asio::io_context io;
    FakeHaproxy haproxy;
    std::shared_ptr<FakeConsul> consul;
    FakeRuntime* runtime = nullptr;
    sync::Settings settings;
    milliseconds later{0};  ///< how far slotd's clock is ahead
    sync::Pauses pauses{io.get_executor(), {}};
    sync::Record record;

  private:
    static model::Backoff::Random half() {
        return [] { return 0.5; };
    }
    static std::string where(const FakeServer& one) {
        return one.at.address + ":" + std::to_string(one.at.port);
    }

    void wait_for(const std::function<bool()>& done, const std::function<std::string()>& why) {
        try {
            wait(done);
        } catch (const std::runtime_error&) {
            throw std::runtime_error("never came: " + why());
        }
    }

    std::unique_ptr<FakeRuntime> runtime_;
    LogLines log_;
    std::unique_ptr<sync::Subscriptions> subscriptions_;
    std::unique_ptr<sync::Driver> driver_;
    net::Task task_;
};

}  // namespace slotd::testing
