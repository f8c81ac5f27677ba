// SPDX-License-Identifier: MIT
#pragma once

#include "slotd/catalog/listing.hpp"
#include "slotd/file/settings.hpp"
#include "slotd/file/template.hpp"
#include "slotd/model/instance.hpp"
#include "slotd/model/result.hpp"
#include "slotd/model/time.hpp"

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace slotd::file {

using Meta = std::map<std::string, std::string>;
using catalog::ServiceTags;

/// A backend of the file: a service that Consul has, or had not long ago.
struct Backend {
    std::vector<std::string> tags;  ///< sorted
    Meta meta;
    std::optional<model::WallTime> gone_since;  ///< Consul no longer has the service

    Backend() = default;
    bool operator==(const Backend&) const = default;
};

/// By the service's name.
using Backends = std::map<std::string, Backend>;

/// The text of the file that keeps them over a restart, and back.
std::string to_json(const Backends& backends);
model::Result<Backends> parse_backends(const std::string& text, const std::string& path);
/// Of the history's folder; none are kept where there is no such file.
model::Result<Backends> load_backends(const std::string& folder);
model::Result<void> save_backends(const std::string& folder, const Backends& backends);

/// The services that get a backend.
struct Selection {
    ServiceTags services;
    std::vector<model::Error> refused;  ///< those that would, but for their names

    Selection() = default;
};

/// By tag (without case, as Consul compares) and glob.
Selection select(const ServiceTags& services, const Settings& settings);

/// One meta for a service, of what its instances say: a value stays for as long as any of them has
/// it, so that one which comes or goes changes nothing; else it is the most frequent, the first in
/// order among equals. Without instances all stays.
Meta agreed_meta(const model::Instances& instances, const Meta& before);

/// What a new selection makes of the backends.
struct Merged {
    Backends backends;
    std::vector<std::string> came;      ///< new
    std::vector<std::string> left;      ///< Consul has them no longer; they stay for now
    std::vector<std::string> back;      ///< ... and has them again
    std::vector<std::string> metaless;  ///< new, but their meta is not known yet: not yet in

    Merged() = default;
};

/// `meta`: of the services of which the instances are known; the others keep theirs.
Merged merge(Backends before, const Selection& selection, const std::map<std::string, Meta>& meta,
             model::WallTime now);

/// The backends whose service has been gone for `linger`.
std::vector<std::string> overdue(const Backends& backends, model::WallTime now,
                                 std::chrono::milliseconds linger);

/// "web, api came; old went"; "" when nothing did.
std::string why(const std::vector<std::string>& came, const std::vector<std::string>& went);

/// What is wrong with the backends' meta.
std::vector<model::Error> remarks_on(const Backends& backends);
/// What to say of a service that may be hidden.
model::Error hidden(const std::string& service);

/// What a template is given: sections with `slots` slots each, or as many as meta `slotd-slots`
/// says, and for each KV name as many.
Content content_of(const Backends& backends, int slots,
                   const std::map<std::string, std::string>& kv_lines,
                   const std::vector<std::string>& kv_names);

}  // namespace slotd::file
