// AWS Signature Version 4 (AWS General Reference, "Signing AWS API requests").
#pragma once

#include <string>

#include "bridge/core/clock.h"
#include "bridge/http/client.h"

namespace copybridge::publishers::aws {

struct Keys {
  std::string id;
  std::string secret;
  std::string session_token;  ///< of temporary keys; empty: none
};

/// What a signature is good for.
struct Scope {
  std::string region;
  std::string service;
};

/// Adds X-Amz-Date, X-Amz-Security-Token and Authorization to a call whose URL, headers and body
/// are complete; for `s3` X-Amz-Content-Sha256 too. The path has to be percent-encoded but for the
/// slashes, the query parameters as `name=value`. Not curl's signer: it leaves out the payload hash
/// that S3 wants, and does not sort the query.
void sign(http::Call& call, const Keys& keys, const Scope& scope, WallTime now);

/// The URL of a GET without a body, its query encoded already, with a signature in its query that
/// is good for so long: whoever has it may send it.
[[nodiscard]] std::string presigned(const std::string& url, const Keys& keys, const Scope& scope,
                                    std::chrono::seconds lifetime, WallTime now);

}  // namespace copybridge::publishers::aws
