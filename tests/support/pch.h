// What the tests need besides the headers of the house.
#pragma once

#include "deploy/cmake/pch.h"

#include <iosfwd>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/instances.h"
