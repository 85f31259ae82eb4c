// The publisher `http`: events to a web endpoint, one by one or in batches.
#pragma once

#include "bridge/publishers/publisher.h"

namespace copybridge::publishers {

/// A 2xx answer is `accepted`. A certificate that does not hold is `refused`, never ignored.
extern const PublisherKind kHttpPublisher;

/// What a status means for the events of a request: 2xx accepted; 413 permanent (their size); 400,
/// 414, 422 and 431 doubtful (their content, or everything the bridge sends); 429, and 503 with
/// Retry-After, throttled; 408, 409, 423, 425 and other 5xx but 501 retry; everything else,
/// redirects too, refused.
[[nodiscard]] Outcome classify_http(int status, Milliseconds retry_after);

}  // namespace copybridge::publishers
