// SPDX-License-Identifier: MIT
#include "slotd/app/check/findings.hpp"
#include "slotd/haproxy/state.hpp"
#include "slotd/model/text.hpp"
#include "words.hpp"

#include <map>

namespace slotd::app {
namespace {

/// "ready at 10.0.0.1:80".
std::string state_shown(const model::Server& server) {
    return std::string(to_string(server.admin)) + (server.at ? " at " + to_string(*server.at) : "");
}

std::string lines_to_write(const std::string& path) {
    return "write `server-state-file " + path +
           "` under global and `load-server-state-from-file global` under defaults";
}

class StateFileExamination {
  public:
    explicit StateFileExamination(const StateFileFacts& facts)
        : facts_(facts), where_(model::printable(facts.path, 300)) {}

    Findings make() {
        if (facts_.path.empty()) {
            not_kept();
            return std::move(findings_);
        }
        if (!facts_.folder_trouble.empty())
            add(Level::failure, Code::state_file_not_writable,
                "slotd can't keep it: " + facts_.folder_trouble,
                "slotd writes the file beside it and renames it; run `slotd check` as slotd's "
                "user");
        loads();
        if (!facts_.unreadable_for.empty())
            add(Level::failure, Code::state_file_not_readable,
                "HAProxy may not read it at a reload: it runs as " + facts_.unreadable_for,
                "change the owner or mode of the file, or of a folder above it; slotd keeps them");
        content();
        return std::move(findings_);
    }

  private:
    void add(Level level, Code code, std::string what, std::string hint = {}) {
        findings_.emplace_back(level, Area::state_file, code, where_, std::move(what),
                               std::move(hint));
    }

    /// The backends by what they load.
    std::map<std::string, std::vector<std::string>> backends_by_path() const {
        std::map<std::string, std::vector<std::string>> backends;
        for (const LoadFacts& load : *facts_.loads) backends[load.path].push_back(load.backend);
        return backends;
    }

    void not_kept() {
        if (!facts_.loads)
            return;
        for (const auto& [path, backends] : backends_by_path()) {
            if (path.empty())
                continue;
            where_ = model::printable(path, 300);
            add(Level::warning, Code::state_file_not_kept,
                "HAProxy loads it for " + all_of("backend", backends) +
                    ", and slotd does not keep it: at a reload it may be old",
                "set `state_file` under [haproxy] to it, unless each reload writes it first");
        }
    }

    void loads() {
        if (!facts_.loads) {
            add(Level::ok, Code::state_file_load_unknown,
                facts_.was_loaded ? "HAProxy began with a state file; which one can't be told"
                                  : "whether HAProxy loads it can't be told");
            return;
        }
        std::size_t wrong = 0;
        for (const auto& [path, backends] : backends_by_path()) {
            if (path == facts_.path)
                continue;
            ++wrong;
            add(Level::failure, Code::state_file_not_loaded,
                path.empty() ? "HAProxy does not load it for " + all_of("backend", backends)
                             : "HAProxy loads " + model::printable(path, 300) + " for " +
                                   all_of("backend", backends) + ", not this file",
                lines_to_write(where_));
        }
        if (wrong == 0)
            add(Level::ok, Code::state_file_loaded, "HAProxy loads it at a reload");
    }

    void content() {
        if (!facts_.is_there) {
            add(Level::ok, Code::state_file_missing, "it is not there yet: `slotd run` writes it");
            return;
        }
        if (!facts_.text) {
            add(Level::warning, Code::state_file_not_seen,
                "what it holds was not looked at: " + facts_.text_trouble,
                "run `slotd check` as slotd's user");
            return;
        }
        const auto servers = haproxy::parse_servers_state(*facts_.text);
        if (!servers) {
            add(Level::failure, Code::state_file_malformed,
                "it is no server-state file of HAProxy's", "remove it: `slotd run` writes it anew");
            return;
        }
        compare(*servers);
    }

    void compare(const std::vector<model::Server>& servers) {
        std::map<model::SlotId, const model::Server*> by_id;
        for (const model::Server& one : servers) by_id.emplace(one.id, &one);
        std::size_t others = 0;
        std::string first;
        for (const model::Server& live : facts_.live) {
            // slotd leaves these out.
            if (live.host_name.empty())
                continue;
            const auto found = by_id.find(live.id);
            const model::Server* old = found == by_id.end() ? nullptr : found->second;
            if (old && old->at == live.at && old->admin == live.admin && old->weight == live.weight)
                continue;
            if (first.empty())
                first = to_string(live.id) + " is " + state_shown(live) + ", and in the file " +
                        (old ? state_shown(*old) : "missing");
            else
                ++others;
        }
        if (first.empty())
            add(Level::ok, Code::state_file_fresh, "it holds what HAProxy has now");
        else
            add(Level::warning, Code::state_file_old,
                "it is not what HAProxy has now: " + first +
                    (others > 0 ? ", and " + count(others, "other slot") + " too" : ""),
                "`slotd run` keeps it fresh: does it run?");
    }

    const StateFileFacts& facts_;
    std::string where_;
    Findings findings_;
};

}  // namespace

Findings on_state_file(const StateFileFacts& facts) {
    return StateFileExamination(facts).make();
}

}  // namespace slotd::app
