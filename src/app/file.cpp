// SPDX-License-Identifier: MIT
#include "file.hpp"

#include <array>
#include <cerrno>
#include <cstdio>
#include <memory>
#include <system_error>

namespace slotd::app {

model::Result<std::string> read_file(const std::string& path) {
    const auto failed = [] {
        return model::Error(model::ErrorKind::config,
                            std::generic_category().message(errno != 0 ? errno : EIO));
    };
    struct Close {
        void operator()(std::FILE* file) const { std::fclose(file); }
    };
    const std::unique_ptr<std::FILE, Close> file(std::fopen(path.c_str(), "rbe"));
    if (!file)
        return failed();
    std::string text;
    std::array<char, 4096> part{};
    while (const std::size_t count = std::fread(part.data(), 1, part.size(), file.get()))
        text.append(part.data(), count);
    if (std::ferror(file.get()) != 0)
        return failed();
    return text;
}

}  // namespace slotd::app
