// SPDX-License-Identifier: MIT
#include "slotd/admin/metrics_text.hpp"

#include "backend_sums.hpp"
#include "exposition.hpp"
#include "slotd/model/instance.hpp"

#include <chrono>

namespace slotd::admin {
namespace {

using sync::SlotState;

// About what is written, so that the text is moved about no more than once: all that is not by
// backend, and what is, with names of a common length.
constexpr std::size_t most_of_others = 8192;
constexpr std::size_t most_of_backend = 1280;

class Page {
  public:
    Page(const sync::Status& status, const sync::Metrics& metrics)
        : status_(status), metrics_(metrics), sums_(sums_of(status)) {}

    std::string make(bool ready, const Usage& usage) {
        out_.reserve(most_of_others + most_of_backend * sums_.size());
        out_.family("slotd_build_info", "gauge", "Always 1; the labels say what runs.");
        out_.sample({{"version", status_.version}}, std::uint64_t{1});
        out_.family("slotd_ready", "gauge", "1 once every backend has been brought in step.");
        out_.sample({}, std::uint64_t{ready});
        backends();
        haproxys();
        if (status_.file)
            file(*status_.file);
        work();
        consul();
        process(usage);
        return out_.take();
    }

  private:
    // The socket, where it tells one backend from another.
    std::string_view told(const std::string& socket) const {
        return status_.haproxys.size() > 1 ? std::string_view(socket) : std::string_view();
    }

    void backends() {
        out_.family("slotd_slots", "gauge", "Slots of the backend by what they do.");
        for (const auto& [key, sum] : sums_)
            for (const SlotState state :
                 {SlotState::ready, SlotState::draining, SlotState::out, SlotState::free})
                of_backend(key, "state", to_string(state),
                           sum.slots[static_cast<std::size_t>(state)]);
        out_.family("slotd_instances", "gauge", "Instances Consul lists for the backend.");
        for (const auto& [key, sum] : sums_) {
            of_backend(key, "state", "serving", sum.serving);
            of_backend(key, "state", "waiting", sum.waiting);
            of_backend(key, "state", "refused", sum.refused);
        }
        out_.family("slotd_held", "gauge",
                    "1 while what is live is kept, because Consul's word can't be trusted.");
        for (const auto& [key, sum] : sums_)
            for (const model::Doubt doubt : model::all_doubts)
                of_backend(key, "reason", to_string(doubt),
                           std::uint64_t{sum.held.contains(to_string(doubt))});
        out_.family("slotd_paused", "gauge", "1 while slotd changes nothing, as it was told.");
        for (const auto& [key, sum] : sums_) of_backend(key, {}, {}, std::uint64_t{sum.paused});
        out_.family("slotd_last_success_timestamp_seconds", "gauge",
                    "When the backend was last seen in step; 0: never.");
        for (const auto& [key, sum] : sums_) of_backend(key, {}, {}, sum.last_success);
        out_.family("slotd_last_change_timestamp_seconds", "gauge",
                    "When a slot of the backend was last changed; 0: never.");
        for (const auto& [key, sum] : sums_) of_backend(key, {}, {}, sum.last_change);
    }

    void of_backend(const BackendSums::key_type& key, std::string_view label,
                    std::string_view label_value, std::uint64_t value) {
        out_.sample({{"backend", key.first}, {"socket", told(key.second)}, {label, label_value}},
                    value);
    }

    void haproxys() {
        out_.family("slotd_haproxy_up", "gauge", "1 while HAProxy answers on its socket.");
        for (const sync::HaproxyStatus& one : status_.haproxys)
            out_.sample({{"socket", one.socket}}, std::uint64_t{one.up});
        out_.family("slotd_haproxy_reloads_total", "counter",
                    "Reloads and restarts of HAProxy that were seen.");
        for (const sync::HaproxyStatus& one : status_.haproxys)
            out_.sample({{"socket", one.socket}}, counted(metrics_.reloads, one.socket));
    }

    void file(const sync::FileStatus& file) {
        gauge("slotd_file_version", "The version of the managed file that is in place; 0: none.",
              file.version);
        gauge("slotd_file_placed_timestamp_seconds",
              "When this slotd last put a version in place; 0: not yet.",
              file.placed
                  ? static_cast<std::uint64_t>(std::chrono::system_clock::to_time_t(*file.placed))
                  : 0);
        gauge("slotd_file_pinned", "1 after a rollback, until it is unpinned: nothing is rendered.",
              std::uint64_t{file.pinned.has_value()});
        gauge("slotd_file_edited", "1 while somebody else's text is in place: it is left alone.",
              std::uint64_t{file.edited});
        gauge("slotd_file_failed", "1 when the last text that was tried did not stay in place.",
              std::uint64_t{!file.error.empty()});
        gauge("slotd_file_doubted", "1 while it is not known what the file should be.",
              std::uint64_t{!file.doubt.empty()});
        out_.family("slotd_file_backends", "gauge", "Backends that the file is rendered with.");
        out_.sample({{"state", "listed"}}, std::uint64_t{file.backends - file.lingering});
        out_.sample({{"state", "lingering"}}, std::uint64_t{file.lingering});
    }

    void gauge(std::string_view name, std::string_view help, std::uint64_t value) {
        out_.family(name, "gauge", help);
        out_.sample({}, value);
    }

    void work() {
        out_.family(
            "slotd_rounds_total", "counter",
            "Rounds: ok, incomplete (something differs from the plan), failed (no HAProxy).");
        for (const sync::HaproxyStatus& one : status_.haproxys)
            for (const char* outcome : {"ok", "incomplete", "failed"})
                out_.sample({{"socket", one.socket}, {"outcome", outcome}},
                            counted(metrics_.rounds, std::pair(one.socket, std::string(outcome))));
        out_.family("slotd_commands_total", "counter", "Commands sent to HAProxy.");
        for (const auto& [key, count] : metrics_.commands)
            out_.sample({{"backend", key.backend},
                         {"socket", told(key.socket)},
                         {"kind", key.kind},
                         {"outcome", key.outcome}},
                        count);
        out_.histogram("slotd_round_duration_seconds", "How long a round took.",
                       metrics_.round_duration);
        out_.histogram("slotd_propagation_seconds",
                       "From Consul's answer until HAProxy shows what it asks for.",
                       metrics_.propagation);
    }

    void consul() {
        out_.family("slotd_consul_requests_total", "counter",
                    "Answers of Consul: ok, or the reason why one can't be trusted.");
        out_.sample({{"outcome", "ok"}}, counted(metrics_.consul_requests, std::string("ok")));
        for (const model::Doubt doubt : model::all_doubts)
            out_.sample({{"outcome", to_string(doubt)}},
                        counted(metrics_.consul_requests, std::string(to_string(doubt))));
    }

    void process(const Usage& usage) {
        out_.family("process_start_time_seconds", "gauge", "When slotd started, in Unix time.");
        out_.sample({}, std::chrono::duration<double>(status_.started.time_since_epoch()).count());
        out_.family("process_cpu_seconds_total", "counter", "CPU time of slotd.");
        out_.sample({}, usage.cpu_seconds);
        out_.family("process_resident_memory_bytes", "gauge", "Resident memory of slotd.");
        out_.sample({}, usage.resident_bytes);
    }

    template <typename Map>
    static std::uint64_t counted(const Map& counts, const typename Map::key_type& key) {
        const auto found = counts.find(key);
        return found == counts.end() ? 0 : found->second;
    }

    const sync::Status& status_;
    const sync::Metrics& metrics_;
    BackendSums sums_;
    Exposition out_;
};

}  // namespace

std::string metrics_text(const sync::Status& status, const sync::Metrics& metrics, bool ready,
                         const Usage& usage) {
    return Page(status, metrics).make(ready, usage);
}

}  // namespace slotd::admin
