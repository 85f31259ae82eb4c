// The places that keys of AWS come from, each as a fetch.
#pragma once

#include <functional>
#include <string>

#include "bridge/core/options.h"
#include "bridge/http/client.h"
#include "bridge/http/refreshed.h"
#include "bridge/publishers/aws/signature.h"

namespace copybridge::publishers::aws {

using KeysDone = http::Refreshed<Keys>::Done;
/// Fetches keys once. ErrorKind::config where the source is not set up, peer_away or peer_refused
/// where it does not give them.
using KeySource = std::function<void(http::Client&, KeysDone)>;

[[nodiscard]] KeySource static_keys(const std::string& id, const Secret& secret,
                                    const Secret& session_token);
/// AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN.
[[nodiscard]] KeySource environment_keys();
/// AWS_SHARED_CREDENTIALS_FILE or ~/.aws/credentials.
[[nodiscard]] KeySource profile_keys(std::string profile);
/// STS AssumeRoleWithWebIdentity with AWS_WEB_IDENTITY_TOKEN_FILE and AWS_ROLE_ARN.
[[nodiscard]] KeySource web_identity_keys(std::string region, const Clock& clock);
/// AWS_CONTAINER_CREDENTIALS_RELATIVE_URI or _FULL_URI, AWS_CONTAINER_AUTHORIZATION_TOKEN(_FILE).
[[nodiscard]] KeySource container_keys(const Clock& clock);
/// The metadata service of EC2, version 2; AWS_EC2_METADATA_SERVICE_ENDPOINT names another.
[[nodiscard]] KeySource instance_keys(const Clock& clock);
/// STS AssumeRole, signed with keys of another source.
[[nodiscard]] KeySource role_keys(const std::string& role_arn, const KeySource& own,
                                  const std::string& region, const Clock& clock);
/// The first source of the list in the option `credentials` that is set up.
[[nodiscard]] KeySource first_keys(const Options& options, const std::string& region,
                                   const Clock& clock);

}  // namespace copybridge::publishers::aws
