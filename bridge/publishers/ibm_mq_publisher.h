// The publisher `ibm-mq`: events as messages on a queue, each request one unit of work.
#pragma once

#include "bridge/publishers/publisher.h"

namespace copybridge::publishers {

/// `accepted` means that the unit of work with the message is committed. A commit whose outcome is
/// not known is `retry`: what comes twice has the same MsgId.
extern const PublisherKind kIbmMqPublisher;

}  // namespace copybridge::publishers
