// SPDX-License-Identifier: MIT
#include "slotd/app/setup.hpp"
#include "support/file.hpp"
#include "support/given.hpp"

#include <doctest/doctest.h>

#include <cstdlib>
#include <fstream>
#include <map>
#include <string>
#include <unistd.h>
#include <vector>

using namespace slotd;
using slotd::testing::File;
using slotd::testing::Given;
using Strings = std::vector<std::string>;

namespace {

const std::string certificate = "-----BEGIN CERTIFICATE-----\nMII=\n-----END CERTIFICATE-----\n";
const std::string key = "-----BEGIN PRIVATE KEY-----\nMII=\n-----END PRIVATE KEY-----\n";

/// A folder with one file of the given name.
class Folder {
  public:
    explicit Folder(const std::string& name) {
        path_ = "/tmp/slotd-test-XXXXXX";
        REQUIRE(::mkdtemp(path_.data()) != nullptr);
        file_ = path_ + "/" + name;
        std::ofstream(file_) << certificate;
    }
    ~Folder() {
        ::unlink(file_.c_str());
        ::rmdir(path_.c_str());
    }
    Folder(const Folder&) = delete;
    Folder& operator=(const Folder&) = delete;

    const std::string& path() const { return path_; }

  private:
    std::string path_;
    std::string file_;
};

Given over_tls() {
    Given given;
    given.options.consul = "https://consul:8501";
    return given;
}

}  // namespace

TEST_SUITE("TLS") {
    TEST_CASE("the environment beats the file, and what belongs together comes from one of them") {
        const File authority(certificate);
        const File cert(certificate);
        const File private_key(key);
        const File config("[consul]\nca_file = \"" + authority.path() + "\"\nclient_cert = \"" +
                          cert.path() + "\"\nclient_key = \"" + private_key.path() +
                          "\"\ntls_server_name = \"file\"\n");
        Given given = over_tls();
        given.options.config_file = config.path();
        net::TlsOptions tls = given.setup().http.tls;
        CHECK(tls.ca_file == authority.path());
        CHECK(tls.client_cert == cert.path());
        CHECK(tls.client_key == private_key.path());
        CHECK(tls.server_name == "file");
        CHECK(tls.verify);
        CHECK(given.warnings().empty());

        const Folder folder("0123abcd.0");
        given.environment = {{"CONSUL_CAPATH", folder.path()},
                             {"CONSUL_TLS_SERVER_NAME", "environment"}};
        tls = given.setup().http.tls;
        CHECK(tls.ca_file.empty());
        CHECK(tls.ca_path == folder.path());
        CHECK(tls.client_cert == cert.path());
        CHECK(tls.server_name == "environment");

        given.environment = {{"CONSUL_CACERT", cert.path()},
                             {"CONSUL_CLIENT_CERT", authority.path()}};
        CHECK(
            given.errors() ==
            Strings{"CONSUL_CLIENT_CERT: client_cert is given without client_key (the certificate "
                    "and its key go together: CONSUL_CLIENT_KEY)"});
        given.environment["CONSUL_CLIENT_KEY"] = private_key.path();
        CHECK(given.setup().http.tls.ca_file == cert.path());
        CHECK(given.setup().http.tls.client_cert == authority.path());
    }

    TEST_CASE("verification is off only when that is said, and is warned about") {
        const File off("[consul]\nverify = false\n");
        const auto warning = [](const std::string& from) {
            return Strings{from +
                           ": the certificate of https://consul:8501 is not checked: whoever "
                           "answers there gets the token, and says what HAProxy serves (name "
                           "the authority that signed it as ca_file instead)"};
        };
        Given given = over_tls();
        CHECK(given.setup().http.tls.verify);
        given.environment["CONSUL_HTTP_SSL_VERIFY"] = "false";
        CHECK_FALSE(given.setup().http.tls.verify);
        CHECK(given.warnings() == warning("CONSUL_HTTP_SSL_VERIFY"));
        given.options.config_file = off.path();
        given.environment["CONSUL_HTTP_SSL_VERIFY"] = "true";
        CHECK(given.setup().http.tls.verify);
        CHECK(given.warnings().empty());
        given.environment.clear();
        CHECK_FALSE(given.setup().http.tls.verify);
        CHECK(given.warnings() == warning(off.path() + ": consul.verify"));
        given.environment["CONSUL_HTTP_SSL_VERIFY"] = "no";
        CHECK(given.errors() == Strings{"CONSUL_HTTP_SSL_VERIFY: \"no\" is neither true nor false "
                                        "(write true or false)"});
    }

    TEST_CASE("authorities for an address without TLS are warned about") {
        Given given;
        given.environment["CONSUL_CACERT"] = "/etc/ca.pem";
        CHECK(given.warnings() ==
              Strings{"CONSUL_CACERT: nothing is encrypted: Consul's address is "
                      "http://127.0.0.1:8500 (write https://, or set CONSUL_HTTP_SSL=true)"});
        given.options.consul = "unix:///run/consul.sock";
        CHECK(given.warnings().empty());
    }

    TEST_CASE("a file that is missing or holds something else is refused by where it was named") {
        const File cert(certificate);
        const File private_key(key);
        const File locked("-----BEGIN ENCRYPTED PRIVATE KEY-----\n");
        const File old("-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\n");
        struct Row {
            std::map<std::string, std::string> environment;
            std::string error;
        };
        const auto encrypted = [](const std::string& path) {
            return "CONSUL_CLIENT_KEY: " + path +
                   " is encrypted, and nobody is there to type its passphrase (`openssl pkey -in " +
                   path +
                   " -out FILE` writes it without one; keep that readable by slotd's user alone)";
        };
        const std::vector<Row> rows{
            {{{"CONSUL_CACERT", "/no/ca.pem"}},
             "CONSUL_CACERT: /no/ca.pem can't be read: No such file or directory (it is a PEM file "
             "that slotd's user may read)"},
            {{{"CONSUL_CACERT", private_key.path()}},
             "CONSUL_CACERT: " + private_key.path() +
                 " holds no certificate (it is a PEM file with a certificate in it)"},
            {{{"CONSUL_CAPATH", "/no/ca"}},
             "CONSUL_CAPATH: /no/ca can't be read: No such file or directory (it is a folder of "
             "PEM "
             "files)"},
            {{{"CONSUL_CLIENT_CERT", cert.path()}, {"CONSUL_CLIENT_KEY", "/no/key.pem"}},
             "CONSUL_CLIENT_KEY: /no/key.pem can't be read: No such file or directory (it is a PEM "
             "file that slotd's user may read)"},
            {{{"CONSUL_CLIENT_CERT", cert.path()}, {"CONSUL_CLIENT_KEY", cert.path()}},
             "CONSUL_CLIENT_KEY: " + cert.path() +
                 " holds no private key (it is a PEM file with a private key in it)"},
            {{{"CONSUL_CLIENT_CERT", cert.path()}, {"CONSUL_CLIENT_KEY", locked.path()}},
             encrypted(locked.path())},
            {{{"CONSUL_CLIENT_CERT", cert.path()}, {"CONSUL_CLIENT_KEY", old.path()}},
             encrypted(old.path())},
            {{{"CONSUL_CLIENT_KEY", private_key.path()}},
             "CONSUL_CLIENT_KEY: client_key is given without client_cert (the certificate and its "
             "key go together: CONSUL_CLIENT_CERT)"},
            {{{"CONSUL_TLS_SERVER_NAME", "a/b:c"}},
             "CONSUL_TLS_SERVER_NAME: \"a/b:c\" is no name of a server (it is the name in the "
             "agent's "
             "certificate: server.dc1.consul or so)"},
        };
        for (const Row& row : rows) {
            Given given = over_tls();
            given.environment = row.environment;
            CHECK(given.errors() == Strings{row.error});
        }
    }

    TEST_CASE("a folder in which OpenSSL would find nothing is refused") {
        const Folder named("ca.pem");
        const Folder hashed("0123abcd.0");
        Given given = over_tls();
        given.environment["CONSUL_CAPATH"] = hashed.path();
        CHECK(given.errors().empty());
        given.environment["CONSUL_CAPATH"] = named.path();
        CHECK(given.errors() ==
              Strings{"CONSUL_CAPATH: no file in " + named.path() +
                      " is named by its hash, so none would be found (`openssl rehash " +
                      named.path() + "` makes those names; or give one file as ca_file)"});
    }

    TEST_CASE("without verification the authorities do not matter") {
        Given given = over_tls();
        given.environment = {{"CONSUL_HTTP_SSL_VERIFY", "false"}, {"CONSUL_CACERT", "/no/ca.pem"}};
        CHECK(given.errors().empty());
    }
}
