// SPDX-License-Identifier: MIT
// Host names for the test: linked with --wrap=getaddrinfo.
#pragma once

namespace slotd::testing {

/// While it lives a look-up of "slow.test" waits for `answer`; "quick.test" is answered at once.
/// Both are 127.0.0.1. All other names are the system's.
class FakeNames {
  public:
    FakeNames();
    /// Also waits for the threads of all look-ups to be past this object.
    ~FakeNames();
    FakeNames(const FakeNames&) = delete;
    FakeNames& operator=(const FakeNames&) = delete;

    void answer();
    /// Look-ups of "slow.test" that wait now.
    int waiting() const;
};

}  // namespace slotd::testing
