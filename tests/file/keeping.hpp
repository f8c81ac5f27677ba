// SPDX-License-Identifier: MIT
// A keeper on files of its own, between a Consul and an HAProxy that do what a test says.
#pragma once

#include "publishing.hpp"
#include "slotd/file/backends.hpp"
#include "slotd/file/keeper.hpp"
#include "slotd/sync/subscriptions.hpp"
#include "support/fake_consul.hpp"
#include "support/fake_listing.hpp"
#include "support/log_lines.hpp"
#include "support/notation.hpp"

#include <algorithm>
#include <memory>
#include <string>
#include <utility>

namespace slotd::testing {

/// slotd's clock stands still but for tick(); the loop runs in real time.
struct Keeping {
    asio::io_context io{1};
    Folder folder;
    file::Settings settings;
    std::shared_ptr<FakeConsul> consul = std::make_shared<FakeConsul>(io.get_executor());
    std::shared_ptr<FakeListing> listing = std::make_shared<FakeListing>(io.get_executor());
    FakeControl* control = nullptr;
    model::Time now = std::chrono::steady_clock::now();
    model::WallTime wall{std::chrono::seconds(1'800'000'000)};
    catalog::ServiceTags services;
    bool paused = false;
    sync::Events events;

    Keeping() {
        settings.output = folder / "haproxy.cfg";
        settings.template_path = folder / "template";
        settings.folder = folder / "file";
        settings.poll = milliseconds(10);
        settings.slots = 3;
        settings.tag.clear();
        spit(settings.template_path, "{{#backends}}{{name}} {{slot_count}}\n{{/backends}}");
    }
    ~Keeping() { stop(); }

    void start() {
        subscriptions_ = std::make_unique<sync::Subscriptions>(io.get_executor(), consul, half());
        file::KeeperParts parts(io.get_executor(), settings);
        parts.listing = listing;
        parts.source = consul;
        parts.subscriptions = subscriptions_.get();
        auto made = std::make_unique<FakeControl>(settings);
        control = made.get();
        parts.control = std::move(made);
        parts.log = &log_.log;
        parts.events = &events;
        parts.clock = [this] { return now; };
        parts.wall_clock = [this] { return wall; };
        parts.random = half();
        parts.is_paused = [this] { return paused; };
        keeper_ = std::make_unique<file::Keeper>(std::move(parts));
        task_ = net::spawn(io.get_executor(), keeper_->run());
    }

    /// As a slotd that ends.
    void stop() {
        task_ = net::Task();
        io.restart();
        io.poll();
        keeper_.reset();
        subscriptions_.reset();
        io.restart();
        io.poll();
    }

    /// Consul has this service from now on.
    void add(const std::string& service, const file::Meta& meta = {}) {
        services[service];
        listing->set(services);
        set_meta(service, meta);
    }
    void set_meta(const std::string& service, const file::Meta& meta) {
        model::Instances list = instances({"a 10.0.0.1:80"});
        list.list.front().meta.assign(meta.begin(), meta.end());
        consul->set(service, std::move(list));
    }
    void remove(const std::string& service) {
        services.erase(service);
        listing->set(services);
    }

    void tick(milliseconds time) {
        now += time;
        wall += time;
    }
    /// Past every settling and pausing between reloads.
    void rest() { tick(std::chrono::seconds(6)); }

    std::string file() const { return slurp(settings.output); }
    Texts loaded() const { return control->loaded; }
    const sync::FileStatus& standing() const { return keeper_->standing(); }
    Lines log() const { return log_.lines(); }
    /// The log has its debug lines too from now on.
    void debug() { log_.log.set_level(sync::LogLevel::debug); }

    void wait(const std::function<bool()>& done) {
        try {
            run_until(io, done);
        } catch (const std::runtime_error&) {
            throw std::runtime_error("never came; the log: " + log_.text.str());
        }
    }
    /// Until the file is this, while time passes.
    void wait_file(const std::string& text) {
        wait([&] {
            rest();
            return file() == text && standing().version > 0;
        });
    }
    void wait_log(const std::string& part) {
        wait([&] {
            const Lines lines = log();
            return std::any_of(lines.begin(), lines.end(), [&](const std::string& line) {
                return line.find(part) != std::string::npos;
            });
        });
    }
    std::size_t said(const std::string& part) const {
        const Lines lines = log();
        return static_cast<std::size_t>(std::count_if(
            lines.begin(), lines.end(),
            [&](const std::string& line) { return line.find(part) != std::string::npos; }));
    }
    /// The events since the last call: "warn 2: TEXT", with the version they are about.
    Texts happened() {
        Texts texts;
        for (const sync::Event& event : events.since(told_, 1000)) {
            told_ = event.number;
            texts.push_back(std::string(to_string(event.level)) + " " +
                            std::to_string(event.version) + ": " + event.text);
            if (event.file != settings.output)
                texts.back() += " OF " + event.file;
        }
        return texts;
    }
    /// The loop turns so often that all that is due has been done.
    void turn() { run_for(io, milliseconds(60)); }

  private:
    static model::Backoff::Random half() {
        return [] { return 0.5; };
    }

    LogLines log_;
    std::uint64_t told_ = 0;
    std::unique_ptr<sync::Subscriptions> subscriptions_;
    std::unique_ptr<file::Keeper> keeper_;
    net::Task task_;
};

/// With web and api in place.
struct Kept : Keeping {
    Kept() {
        add("web");
        add("api");
        start();
        wait_file("api 3\nweb 3\n");
    }
};

}  // namespace slotd::testing
