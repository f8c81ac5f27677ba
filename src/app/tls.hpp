// SPDX-License-Identifier: MIT
#pragma once

#include "slotd/app/setup.hpp"
#include "slotd/model/error.hpp"
#include "slotd/net/http.hpp"

#include <array>
#include <string>
#include <vector>

namespace slotd::app {

/// The settings of TLS with where each came from, and what is wrong with them.
class Tls {
  public:
    /// `file` are those of the configuration file, `path` is its name.
    Tls(net::TlsOptions file, const std::string& path);

    /// Consul's own variables beat the file: each of the authorities, the client's pair, the name
    /// and the verification as a whole.
    void read(const Environment& environment);

    /// For this address of Consul: looks at every file, and warns of what protects less than it may
    /// seem to.
    void check(const std::string& address);

    const net::TlsOptions& options() const { return options_; }
    const std::vector<model::Error>& errors() const { return errors_; }
    const std::vector<model::Error>& warnings() const { return warnings_; }

  private:
    enum Place { ca_file, ca_path, client_cert, client_key, server_name, verification, places };

    std::string& text(Place place);
    void take(const Environment& environment, Place place);
    void take_group(const Environment& environment, Place first, Place second);
    void wrong(Place place, std::string what, std::string hint,
               model::ErrorKind kind = model::ErrorKind::config);
    void check_authorities();
    void check_pair();
    void check_pem(Place place, std::string_view begins, const std::string& holds);

    net::TlsOptions options_;
    std::array<std::string, places> from_;
    std::vector<model::Error> errors_;
    std::vector<model::Error> warnings_;
};

/// A variable that is true or false, as Consul reads it; none when it is not set. What is neither
/// goes to `errors`: taken for false it might send a token in clear text.
std::optional<bool> read_switch(const Environment& environment, const char* name,
                                std::vector<model::Error>& errors);

}  // namespace slotd::app
