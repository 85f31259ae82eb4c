// Named places where the tests kill the process. Every place where the order of durable steps
// matters has one; tests/faults reaches each of them.
#pragma once

#include <span>
#include <string_view>

namespace copybridge {

/// The places, in the order a record meets them. `copybridge run` kills itself with SIGKILL at
/// the nth passing of one where the environment says COPYBRIDGE_CRASH_AT=NAME[:NTH].
[[nodiscard]] std::span<const std::string_view> crash_points();

/// Passes a place. Costs one branch where the variable is not set. A name that is not in
/// crash_points() is a bug.
void crash_point(std::string_view name);

/// The same with a record's content or its event's: aborts where the environment says
/// COPYBRIDGE_ABORT_ON=NAME:TEXT and the content holds the text. A record that kills the bridge.
void crash_point(std::string_view name, std::string_view content);

}  // namespace copybridge
