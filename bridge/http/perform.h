// Calls whose answers a thread waits for.
#pragma once

#include <memory>
#include <vector>

#include "bridge/http/authorizer.h"

namespace copybridge::http {

/// Calls under way. Not for the client's own thread.
class AwaitedCalls {
 public:
  AwaitedCalls();

  /// Takes a call and returns at once. Credentials that are not there are an answer `away` or
  /// `refused` with the reason. One thread at a time.
  void send(Client& client, Authorizer& authorizer, Call call);
  /// Returns when all are answered: the answers in the order of their calls.
  [[nodiscard]] std::vector<Answer> wait();

 private:
  struct Answers;
  /// Whoever brings the last answer may still hold it when the waiting one has gone.
  std::shared_ptr<Answers> answers_;
};

}  // namespace copybridge::http
