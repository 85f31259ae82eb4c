// Calls whose answers are waited for, for sources that read on a thread of their own.
#pragma once

#include <vector>

#include "bridge/http/authorizer.h"

namespace copybridge::http {

/// Sends all of them with their credentials, and returns when all are answered: the answers in the
/// calls' order. Not for the client's own thread. Credentials that are not there are an answer
/// `away` or `refused` with the reason.
[[nodiscard]] std::vector<Answer> perform_all(Client& client, Authorizer& authorizer,
                                              std::vector<Call> calls);

}  // namespace copybridge::http
