// What the receiving end makes of opens and records that come late, twice or not at all.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "adapters/zeromq/sessions.h"

namespace copybridge::adapters::zeromq {
namespace {

using protocol::Message;
using protocol::MessageKind;

constexpr std::string_view kPeer = "sender";

Message open_from(std::uint64_t first) { return {.kind = MessageKind::open, .first = first}; }
Message record(std::uint64_t number) { return {.kind = MessageKind::record, .number = number}; }

/// What the one session's sender is told.
Message state_of(Sessions& sessions) {
  const std::vector<Sessions::Answer> answers = sessions.answers();
  return answers.size() == 1 ? *protocol::parse(answers.front().frame) : Message{};
}

TEST(ZeromqSessions, TakeRecordsInTheirOrderOnly) {
  Sessions sessions(10, 10);
  sessions.open(std::string(kPeer), open_from(1));
  EXPECT_EQ(state_of(sessions).received, 0U);
  EXPECT_EQ(sessions.take(std::string(kPeer), record(2), "two"), nullptr);
  EXPECT_TRUE(state_of(sessions).misses);
  EXPECT_NE(sessions.take(std::string(kPeer), record(1), "one"), nullptr);
  EXPECT_EQ(sessions.take(std::string(kPeer), record(1), "one"), nullptr);
  EXPECT_EQ(state_of(sessions).received, 1U);
}

TEST(ZeromqSessions, GoOnWhereTheSenderSaysThatAllBeforeIsSafe) {
  Sessions sessions(10, 10);
  // It was sent to the run before, and has come late.
  sessions.open(std::string(kPeer), open_from(1));
  sessions.open(std::string(kPeer), open_from(13));
  const Message state = state_of(sessions);
  EXPECT_EQ(state.received, 12U);
  EXPECT_EQ(state.settled, 12U);
  EXPECT_NE(sessions.take(std::string(kPeer), record(13), "thirteen"), nullptr);
}

TEST(ZeromqSessions, KeepWhatIsNotSafeWhereItIsOpenedAgain) {
  Sessions sessions(10, 10);
  sessions.open(std::string(kPeer), open_from(1));
  const auto item = sessions.take(std::string(kPeer), record(1), "one");
  sessions.open(std::string(kPeer), open_from(1));
  EXPECT_EQ(state_of(sessions).received, 1U);
  sessions.settle(item, true);
  EXPECT_EQ(state_of(sessions).settled, 1U);
}

}  // namespace
}  // namespace copybridge::adapters::zeromq
