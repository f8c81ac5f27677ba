// SPDX-License-Identifier: MIT
#include "slotd/app/check/findings.hpp"
#include "slotd/model/text.hpp"
#include "words.hpp"

namespace slotd::app {

Findings on_configuration(const SetupReading& reading) {
    Findings findings;
    for (const model::Error& error : reading.errors)
        findings.push_back(failure(Area::configuration, Code::configuration_wrong, error));
    if (!findings.empty())
        return findings;
    const sync::Settings& work = reading.setup.work;
    const std::string sockets = count(work.sockets.size(), "HAProxy");
    if (reading.file.empty()) {
        findings.emplace_back(Level::ok, Area::configuration, Code::configuration_read, "",
                              "no file, and none is needed; " + sockets);
    } else {
        std::string what = "read; " + sockets;
        if (!work.backends.empty())
            what += ", " + count(work.backends.size(), "backend") + " with keys of their own";
        findings.emplace_back(Level::ok, Area::configuration, Code::configuration_read,
                              model::printable(reading.file, 300), what);
    }
    for (const model::Error& warning : reading.setup.warnings)
        findings.emplace_back(Level::warning, Area::configuration, Code::configuration_doubtful,
                              warning.where, warning.what, warning.hint);
    for (const model::Error& beaten : reading.without_effect)
        findings.emplace_back(Level::warning, Area::configuration,
                              Code::configuration_without_effect, beaten.where, beaten.what,
                              "take it out, or what beats it");
    return findings;
}

}  // namespace slotd::app
