// SPDX-License-Identifier: MIT
#include "file_setup.hpp"

#include "state_dir.hpp"

#include <utility>

namespace slotd::app {

std::string folder_in(const AdminSettings& admin) {
    return in_state_dir(admin.state_dir, "file");
}

std::vector<model::Error> complete(file::Settings& settings, const AdminSettings& admin,
                                   const sync::Settings& work, const std::string& path) {
    std::vector<model::Error> errors;
    const auto wrong = [&](const std::string& where, std::string what, std::string hint) {
        errors.emplace_back(model::ErrorKind::config, std::move(what), path + ": " + where,
                            std::move(hint));
    };
    if (settings.template_path.empty())
        wrong("[file]", "`template` is missing", "it names the template that the file is made of");
    if (settings.output.empty())
        wrong("[file]", "`output` is missing", "it names the haproxy.cfg that slotd shall write");
    else if (settings.output == settings.template_path)
        wrong("file.output", "this is the template too", "they must be two files");
    if (admin.state_dir.empty())
        wrong("[file]", "`state_dir` in [admin] is missing",
              "the file's versions are kept there, for example in \"/var/lib/slotd\"");
    if (work.sockets.size() > 1)
        wrong("[file]", "one managed file can't be that of several HAProxys",
              "run one slotd for each of them");
    settings.folder = folder_in(admin);
    settings.keys = work.kv;
    settings.on_empty = work.defaults.policy.on_empty == plan::OnEmpty::apply ? file::OnEmpty::apply
                                                                              : file::OnEmpty::hold;
    settings.confirm = work.defaults.policy.confirm;
    return errors;
}

}  // namespace slotd::app
