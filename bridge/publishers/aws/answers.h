// What the error codes of AWS mean, whichever service answers.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "bridge/http/client.h"
#include "bridge/publishers/publisher.h"

namespace copybridge::publishers::aws {

/// Of one entry in an answer that is good as a whole. `is_sender_fault` as SQS and SNS say it.
[[nodiscard]] Outcome outcome_of_entry(std::string_view code, bool is_sender_fault);

/// An answer that is not 2xx: by its code (header x-amzn-errortype, member `__type`, element Code)
/// where it is known, else by its status. A refusal for the time tells the server's.
[[nodiscard]] Response refused(const http::Answer& answer);

/// The code alone; empty: none.
[[nodiscard]] std::string error_code(const http::Answer& answer);

/// A good answer with one result for each event, in their order, under `list`; those that failed
/// have an ErrorCode. Every one is looked at.
[[nodiscard]] Response read_results(const http::Answer& answer, const std::string& list,
                                    std::size_t events);

/// The outcomes of entries that an answer names by their index: what it does not name is sent
/// again.
class NamedEntries {
 public:
  explicit NamedEntries(std::size_t events) : outcomes_(events, Outcome::retry) {}
  void accept(std::string_view id);
  void fail(std::string_view id, std::string_view code, bool is_sender_fault);
  [[nodiscard]] Response response() &&;

 private:
  [[nodiscard]] bool take(std::string_view id, Outcome outcome);

  std::vector<Outcome> outcomes_;
  std::size_t named_ = 0;
  std::string first_code_;
};

/// A code from outside as it may stand in the log: letters, digits, `.` and `_`, 80 at most.
[[nodiscard]] std::string error_word(std::string_view code);

}  // namespace copybridge::publishers::aws
