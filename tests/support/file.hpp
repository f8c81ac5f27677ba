// SPDX-License-Identifier: MIT
#pragma once

#include <cstdio>
#include <fstream>
#include <stdexcept>
#include <string>
#include <unistd.h>

namespace slotd::testing {

/// A file that goes with the test.
class File {
  public:
    explicit File(const std::string& text) {
        path_ = "/tmp/slotd-test-XXXXXX";
        const int descriptor = ::mkstemp(path_.data());
        if (descriptor < 0)
            throw std::runtime_error("no file for a test");
        ::close(descriptor);
        write(text);
    }
    ~File() { remove(); }
    File(const File&) = delete;
    File& operator=(const File&) = delete;

    const std::string& path() const { return path_; }
    void write(const std::string& text) const { std::ofstream(path_, std::ios::trunc) << text; }
    void remove() const { std::remove(path_.c_str()); }

  private:
    std::string path_;
};

}  // namespace slotd::testing
