// SPDX-License-Identifier: MIT
#include "slotd/file/settings.hpp"

#include "slotd/model/text.hpp"

namespace slotd::file {

model::Result<Reload> parse_reload(std::string_view text) {
    static constexpr std::string_view signal = "signal:";
    static constexpr std::string_view master = "master:";
    if (text.starts_with(master)) {
        auto socket = net::SocketAddress::parse(text.substr(master.size()));
        if (!socket)
            return std::move(socket).error();
        return Reload(ReloadByMaster{*std::move(socket)});
    }
    if (text.starts_with(signal) && text.substr(signal.size()).starts_with('/'))
        return Reload(ReloadBySignal{std::string(text.substr(signal.size()))});
    return model::Error(model::ErrorKind::config,
                        "\"" + model::printable(text) + "\" is no way to reload HAProxy", {},
                        "write a list (a command and its arguments), \"signal:/PIDFILE\" or "
                        "\"master:/SOCKET\"");
}

}  // namespace slotd::file
