// The publisher `stdout`: one line per event on standard output.
#pragma once

#include "bridge/publishers/publisher.h"

namespace copybridge::publishers {

/// `accepted` means that the operating system has the line. A reader that went away is `refused`;
/// a full disk behind a redirection is `retry`.
extern const PublisherKind kStdoutPublisher;

}  // namespace copybridge::publishers
