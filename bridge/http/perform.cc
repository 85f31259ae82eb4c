// One waits for many.
#include "bridge/http/perform.h"

#include <latch>
#include <utility>

namespace copybridge::http {

std::vector<Answer> perform_all(Client& client, Authorizer& authorizer, std::vector<Call> calls) {
  std::vector<Answer> answers(calls.size());
  std::latch missing(static_cast<std::ptrdiff_t>(calls.size()));
  for (std::size_t i = 0; i < calls.size(); ++i) {
    const auto take = [&answers, &missing, i](Answer answer) {
      answers[i] = std::move(answer);
      missing.count_down();
    };
    authorizer.authorize(std::move(calls[i]), [&client, take](Result<Call> call) {
      if (call) return client.send(std::move(*call), take);
      const bool is_refused = call.error().kind == ErrorKind::peer_refused;
      take({.failure = is_refused ? Failure::refused : Failure::away,
            .body = {},
            .message = call.error().message});
    });
  }
  missing.wait();
  return answers;
}

}  // namespace copybridge::http
