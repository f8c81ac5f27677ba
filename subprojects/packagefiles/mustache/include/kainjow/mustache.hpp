// SPDX-License-Identifier: MIT
// The release has its header at the top, the packages have <kainjow/mustache.hpp>.
#include "../../mustache.hpp"
