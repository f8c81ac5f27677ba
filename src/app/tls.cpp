// SPDX-License-Identifier: MIT
#include "tls.hpp"

#include "slotd/model/text.hpp"
#include "slotd/sync/file.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <dirent.h>
#include <memory>
#include <system_error>
#include <utility>

namespace slotd::app {
namespace {

using model::Error;
using model::ErrorKind;

constexpr std::string_view certificate = "CERTIFICATE-----";
constexpr std::string_view private_key = "PRIVATE KEY-----";

/// A setting's name in [consul] and Consul's own variable for it.
struct Names {
    const char* key;
    const char* variable;
};

constexpr std::array<Names, 6> tls_names{{{"ca_file", "CONSUL_CACERT"},
                                          {"ca_path", "CONSUL_CAPATH"},
                                          {"client_cert", "CONSUL_CLIENT_CERT"},
                                          {"client_key", "CONSUL_CLIENT_KEY"},
                                          {"tls_server_name", "CONSUL_TLS_SERVER_NAME"},
                                          {"verify", "CONSUL_HTTP_SSL_VERIFY"}}};

bool is_host_name(std::string_view text) {
    return text.size() < 254 && std::all_of(text.begin(), text.end(), [](char c) {
               return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                      c == '-' || c == '.' || c == '_';
           });
}

bool is_among(std::string_view text, std::initializer_list<std::string_view> words) {
    return std::find(words.begin(), words.end(), text) != words.end();
}

// OpenSSL looks an authority up by the hash of its name ("244b5494.0"), and passes over any other
// file.
bool is_hash_name(std::string_view name) {
    const auto is_hex = [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); };
    return name.size() >= 10 && name[8] == '.' && name[9] >= '0' && name[9] <= '9' &&
           std::all_of(name.begin(), name.begin() + 8, is_hex);
}

struct Close {
    void operator()(DIR* folder) const { ::closedir(folder); }
};

}  // namespace

Tls::Tls(net::TlsOptions file, const std::string& path) : options_(std::move(file)) {
    for (std::size_t i = 0; i < places; ++i)
        from_[i] = (path.empty() ? "" : path + ": ") + "consul." + tls_names[i].key;
}

std::string& Tls::text(Place place) {
    switch (place) {
        case ca_file:
            return options_.ca_file;
        case ca_path:
            return options_.ca_path;
        case client_cert:
            return options_.client_cert;
        case client_key:
            return options_.client_key;
        default:
            return options_.server_name;
    }
}

void Tls::take(const Environment& environment, Place place) {
    auto value = environment(tls_names[place].variable);
    if (!value || value->empty())
        return;
    text(place) = *std::move(value);
    from_[place] = tls_names[place].variable;
}

// What belongs together comes from one place: the file's authorities would be trusted beside those
// of the environment, and its key is not that of the environment's certificate.
void Tls::take_group(const Environment& environment, Place first, Place second) {
    const auto is_set = [&](Place place) {
        const auto value = environment(tls_names[place].variable);
        return value && !value->empty();
    };
    if (!is_set(first) && !is_set(second))
        return;
    for (const Place place : {first, second}) {
        text(place).clear();
        from_[place] = tls_names[place].variable;
        take(environment, place);
    }
}

void Tls::read(const Environment& environment) {
    take_group(environment, ca_file, ca_path);
    take_group(environment, client_cert, client_key);
    take(environment, server_name);
    if (const auto verify = read_switch(environment, tls_names[verification].variable, errors_)) {
        options_.verify = *verify;
        from_[verification] = tls_names[verification].variable;
    }
}

void Tls::check(const std::string& address) {
    if (!address.starts_with("https://")) {
        for (const Place place : {ca_file, ca_path, client_cert, client_key})
            if (!text(place).empty() && address.starts_with("http://")) {
                warnings_.emplace_back(ErrorKind::config,
                                       "nothing is encrypted: Consul's address is " + address,
                                       from_[place], "write https://, or set CONSUL_HTTP_SSL=true");
                return;
            }
        return;
    }
    if (!options_.verify)
        warnings_.emplace_back(ErrorKind::config,
                               "the certificate of " + address +
                                   " is not checked: whoever answers there gets the token, and "
                                   "says what HAProxy serves",
                               from_[verification],
                               "name the authority that signed it as ca_file instead");
    else
        check_authorities();
    check_pair();
    if (!is_host_name(options_.server_name))
        wrong(server_name,
              "\"" + model::printable(options_.server_name) + "\" is no name of a server",
              "it is the name in the agent's certificate: server.dc1.consul or so");
}

void Tls::wrong(Place place, std::string what, std::string hint, ErrorKind kind) {
    errors_.emplace_back(kind, std::move(what), from_[place], std::move(hint));
}

void Tls::check_authorities() {
    if (!options_.ca_file.empty())
        check_pem(ca_file, certificate, "certificate");
    if (options_.ca_path.empty())
        return;
    const std::string shown = model::printable(options_.ca_path, 300);
    const std::unique_ptr<DIR, Close> folder(::opendir(options_.ca_path.c_str()));
    if (!folder) {
        wrong(ca_path, shown + " can't be read: " + std::generic_category().message(errno),
              "it is a folder of PEM files", ErrorKind::refused);
        return;
    }
    while (const dirent* entry = ::readdir(folder.get()))
        if (is_hash_name(entry->d_name))
            return;
    wrong(ca_path, "no file in " + shown + " is named by its hash, so none would be found",
          "`openssl rehash " + shown + "` makes those names; or give one file as ca_file");
}

void Tls::check_pair() {
    const bool has_cert = !options_.client_cert.empty();
    if (has_cert != !options_.client_key.empty()) {
        const Place there = has_cert ? client_cert : client_key;
        const Place missing = has_cert ? client_key : client_cert;
        wrong(there, std::string(tls_names[there].key) + " is given without " + tls_names[missing].key,
              "the certificate and its key go together: " + from_[missing]);
        return;
    }
    if (!has_cert)
        return;
    check_pem(client_cert, certificate, "certificate");
    check_pem(client_key, private_key, "private key");
}

void Tls::check_pem(Place place, std::string_view mark, const std::string& what) {
    const std::string shown = model::printable(text(place), 300);
    const auto read = sync::read_file(text(place));
    if (!read) {
        wrong(place, shown + " can't be read: " + read.error().what,
              "it is a PEM file that slotd's user may read", ErrorKind::refused);
        return;
    }
    if (read->find(mark) == std::string::npos)
        wrong(place, shown + " holds no " + what, "it is a PEM file with a " + what + " in it");
    else if (place == client_key && (read->find("BEGIN ENCRYPTED") != std::string::npos ||
                                     read->find("Proc-Type: 4,ENCRYPTED") != std::string::npos))
        wrong(place, shown + " is encrypted, and nobody is there to type its passphrase",
              "`openssl pkey -in " + shown +
                  " -out FILE` writes it without one; keep that readable by slotd's user alone");
}

std::optional<bool> read_switch(const Environment& environment, const char* name,
                                std::vector<Error>& errors) {
    const auto value = environment(name);
    if (!value || value->empty())
        return std::nullopt;
    if (is_among(*value, {"1", "t", "T", "true", "True", "TRUE"}))
        return true;
    if (is_among(*value, {"0", "f", "F", "false", "False", "FALSE"}))
        return false;
    errors.emplace_back(ErrorKind::config,
                        "\"" + model::printable(*value) + "\" is neither true nor false", name,
                        "write true or false");
    return std::nullopt;
}

}  // namespace slotd::app
