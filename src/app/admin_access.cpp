// SPDX-License-Identifier: MIT
#include "slotd/app/admin_access.hpp"

#include "commands/session.hpp"
#include "slotd/app/config.hpp"
#include "slotd/model/text.hpp"
#include "slotd/net/http.hpp"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <grp.h>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>

namespace slotd::app {
namespace {

using admin::ListenAddress;
using model::Error;
using model::ErrorKind;

constexpr std::chrono::seconds patience(5);

std::string place_of(const ListenAddress& at) {
    return at.is_unix() ? "admin socket " + model::printable(at.path(), 300)
                        : "admin address " + to_string(at.at());
}

// "is slotd running, with `listen = ["unix:/x"]` in [admin]?"
std::string is_it_running(const std::string& address) {
    return "is slotd running, with `listen = [\"" + address + "\"]` in [admin]?";
}

// Who may use the socket, as far as this process may know it.
std::string group_of(const std::string& path) {
    struct stat found {};
    if (::stat(path.c_str(), &found) != 0)
        return "the socket's group";
    const group* named = ::getgrgid(found.st_gid);
    return "the group " + (named ? std::string(named->gr_name) : std::to_string(found.st_gid));
}

std::string first_line(const std::string& body) {
    return model::printable(body.substr(0, body.find('\n')), 500);
}

void take_file(AdminPlacesReading& reading, const std::string& path) {
    ConfigReading read = read_config(path);
    reading.errors = std::move(read.errors);
    if (!reading.errors.empty()) {
        std::string& hint = reading.errors.back().hint;
        hint += (hint.empty() ? "" : "; ") + std::string("--admin ADDRESS needs no file");
        return;
    }
    AdminPlaces& places = reading.places;
    places.addresses = std::move(read.config.admin.listen);
    std::stable_partition(places.addresses.begin(), places.addresses.end(),
                          [](const ListenAddress& one) { return one.is_unix(); });
    places.if_gone = places.addresses.empty()
                         ? model::printable(path, 300) + " has no `listen` in [admin], so slotd "
                                                         "answers nowhere: give it one, then send "
                                                         "slotd SIGHUP"
                         : "is slotd running, with the configuration " +
                               model::printable(path, 300) + "?";
}

}  // namespace

AdminPlacesReading admin_places(const Options& options, const std::string& default_file) {
    AdminPlacesReading reading;
    AdminPlaces& places = reading.places;
    if (!options.admin.empty()) {
        auto address = ListenAddress::parse(options.admin);
        if (!address) {
            reading.errors.emplace_back(ErrorKind::usage, address.error().what,
                                        "--admin " + model::printable(options.admin),
                                        address.error().hint);
            return reading;
        }
        places.if_gone = is_it_running(address->text());
        places.addresses.push_back(*std::move(address));
        return reading;
    }
    if (options.config_file)
        take_file(reading, *options.config_file);
    else if (::access(default_file.c_str(), R_OK) == 0)
        take_file(reading, default_file);
    if (!reading.errors.empty() || !places.addresses.empty())
        return reading;
    if (places.if_gone.empty())
        places.if_gone = is_it_running(default_admin_address) + " --admin names another address";
    places.addresses.push_back(*ListenAddress::parse(default_admin_address));
    return reading;
}

model::Result<std::string> AdminAccess::get(const std::string& target) const {
    auto first = ask(places_.addresses.front(), target, false);
    // Over TCP everybody may look, so who may not use the socket still may there.
    for (std::size_t i = 1; i < places_.addresses.size(); ++i) {
        if (first || first.error().kind != ErrorKind::unreachable)
            return first;
        auto next = ask(places_.addresses[i], target, false);
        if (next || next.error().kind != ErrorKind::unreachable)
            return next;
    }
    return first;
}

model::Result<std::string> AdminAccess::post(const std::string& target) const {
    const ListenAddress& at = places_.addresses.front();
    if (!at.is_unix())
        return Error(ErrorKind::usage, "over TCP nothing can be changed", place_of(at),
                     "name slotd's UNIX socket with --admin unix:/PATH; it has one when `listen` "
                     "of [admin] does");
    return ask(at, target, true);
}

model::Result<std::string> AdminAccess::ask(const ListenAddress& at, const std::string& target,
                                            bool is_post) const {
    net::HttpOptions options;
    options.base = at.is_unix() ? "unix://" + at.path() : "http://" + to_string(at.at());
    options.user_agent = "slotd/" SLOTD_VERSION;
    net::HttpClient client(io_.get_executor(), options);
    net::HttpRequest request(target, patience);
    auto response = wait_for(io_, is_post ? client.post(std::move(request))
                                          : client.get(std::move(request)));
    if (!response && response.error().kind == ErrorKind::unreachable)
        return unreachable(at, response.error());
    if (!response)
        return Error(response.error().kind, response.error().what, place_of(at),
                     "slotd runs but does not answer: its log may say why");
    if (response->status != 200)
        return Error(ErrorKind::refused, first_line(response->body), place_of(at));
    return std::move(response->body);
}

model::Error AdminAccess::unreachable(const ListenAddress& at, const Error& error) const {
    const auto is_denied = [&](int how) {
        return ::access(at.path().c_str(), how) != 0 && errno == EACCES;
    };
    if (at.is_unix() && (is_denied(F_OK) || is_denied(W_OK)))
        return Error(ErrorKind::unreachable, "permission denied", place_of(at),
                     "run this as slotd's user, as root, or in " + group_of(at.path()));
    if (at.is_unix() && ::access(at.path().c_str(), F_OK) != 0)
        return Error(ErrorKind::unreachable, "there is no such socket", place_of(at),
                     places_.if_gone);
    return Error(ErrorKind::unreachable, error.what, place_of(at), places_.if_gone);
}

}  // namespace slotd::app
