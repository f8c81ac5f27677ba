# SPDX-License-Identifier: MIT
import subprocess

import pytest

from program import build_folder


@pytest.fixture(scope="session")
def installed(tmp_path_factory):
    """What `meson install` makes, under a folder of its own."""
    folder = tmp_path_factory.mktemp("installed")
    subprocess.run(["meson", "install", "-C", build_folder(), "--no-rebuild", "--skip-subprojects", "--destdir", folder],
                   check=True, capture_output=True, text=True, timeout=60)
    return folder
