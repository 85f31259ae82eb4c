// The publisher `file`: JSON Lines in files that get their names when they are complete.
#pragma once

#include "bridge/publishers/publisher.h"

namespace copybridge::publishers {

/// Events are appended to the private file `.NAME.part` in the folder of `path` and reported
/// `accepted` after fsync. It gets its final name, never an existing one, when it has reached its
/// size or age and when the publisher is closed; after a crash the next start goes on with it.
extern const PublisherKind kFilePublisher;

}  // namespace copybridge::publishers
