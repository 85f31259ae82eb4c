// What a client of IMS Connect and the message exit HWSSMPL1 say to each other. No I/O.
//
// The client:   LLLL | IRM | 0004 0000
// IMS Connect:  LLLL | LLZZ data … | CSM       output
//               LLLL | RSM                     a status
//
// Lengths count themselves and are big-endian. Sources: IBM's "Format of fixed portion of IRM in
// messages sent to IMS Connect", "Format of user portion of IRM for HWSSMPL0, HWSSMPL1 …", "Format
// of the complete status message", "Format of the request status message", "Timer interval
// specifications", "RESUME TPIPE/receive protocol" (IMS 15, Communications and Connections), and
// what public clients in Go and C send.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "bridge/core/bytes.h"
#include "bridge/core/clock.h"
#include "bridge/core/error.h"
#include "bridge/core/options.h"

namespace copybridge::adapters::tcp {

/// Names are padded with blanks, in the client's code page.
using ImsName = std::array<std::uint8_t, 8>;

/// IMS request message: LLLL, the fixed portion of 28 bytes, the user portion at architecture level
/// 1. Bytes only, so that nothing lies between them.
struct Irm {
  std::array<std::uint8_t, 4> llll{};
  std::array<std::uint8_t, 2> irm_len{};  ///< without LLLL
  std::uint8_t irm_arch = 0;
  std::uint8_t irm_f0 = 0;  ///< 0: asynchronous output only, no synchronous callouts
  ImsName irm_id{};         ///< of the message exit
  std::array<std::uint8_t, 2> irm_nak_rsncde{};
  std::array<std::uint8_t, 2> reserved{};
  std::uint8_t irm_f5 = 0;
  std::uint8_t irm_timer = 0;
  std::uint8_t irm_soct = 0;
  std::uint8_t irm_es = 0;
  ImsName irm_clientid{};
  std::uint8_t irm_f1 = 0;
  std::uint8_t irm_f2 = 0;
  std::uint8_t irm_f3 = 0;
  std::uint8_t irm_f4 = 0;
  ImsName irm_trncod{};
  ImsName irm_imsdestid{};
  ImsName irm_lterm{};
  ImsName irm_racf_userid{};
  ImsName irm_racf_grpname{};
  ImsName irm_racf_pw{};
  // From here on level 1.
  ImsName irm_appl_nm{};
  /// IRM_REROUT_NM, which a RESUME TPIPE has as IRM_RT_ALTCID. Of two public layouts one has the
  /// latter behind it: the name stands in both, which neither minds without IRM_F3_REROUT.
  ImsName irm_rerout_nm{};
  ImsName irm_rt_altcid{};
};
static_assert(sizeof(Irm) == 108 && offsetof(Irm, irm_id) == 8 && offsetof(Irm, irm_f5) == 20);
static_assert(offsetof(Irm, irm_timer) == 21 && offsetof(Irm, irm_clientid) == 24);
static_assert(offsetof(Irm, irm_f4) == 35 && offsetof(Irm, irm_imsdestid) == 44);
static_assert(offsetof(Irm, irm_racf_userid) == 60 && offsetof(Irm, irm_racf_pw) == 76);
static_assert(offsetof(Irm, irm_appl_nm) == 84 && offsetof(Irm, irm_rerout_nm) == 92);

/// LLLL and what level 0 has.
inline constexpr std::size_t kIrmBaseBytes = 84;

/// IRM_F5: what one RESUME TPIPE gives.
enum class ImsRetrieval : std::uint8_t {
  single = 0x01,      ///< IRM_F5_ONE: one message, if there is one
  automatic = 0x02,   ///< IRM_F5_AUTO: all, and those that come later
  no_auto = 0x04,     ///< IRM_F5_NOAUTO: all that are there
  single_wait = 0x10  ///< IRM_F5_SWAIT: one message, waited for
};

/// IRM_F4, a letter in the client's code page.
enum class ImsRequest : char { acknowledge = 'A', refuse = 'N', resume_tpipe = 'R' };

/// IRM_TIMER for a wait, rounded up to one that there is; 0: for ever.
[[nodiscard]] std::uint8_t irm_timer(Milliseconds wait);
/// Do not wait: nothing is to come.
inline constexpr std::uint8_t kIrmTimerNone = 0xE9;

struct ImsSettings {
  std::string code_page;  ///< of names
  std::string exit_id;
  std::string client_id;
  std::string datastore;
  std::string tpipe;  ///< empty: that of the client's name
  std::string user;
  Secret password;
  std::string group;
  std::string application;
  ImsRetrieval retrieval = ImsRetrieval::single_wait;
  Milliseconds timer{0};   ///< 0: for ever
  bool takes_over = true;  ///< ends a session that IMS Connect has still of this client
  bool keeps_prefix = false;
  std::uint32_t message_bytes_max = 0;  ///< LLLL
};

/// The messages of one client, ready to be sent, and its names of structures.
struct ImsVocabulary {
  std::string first_resume;  ///< of a connection
  std::string resume;
  std::string acknowledgement;
  std::string refusal;
  ImsName csm_id;
  ImsName rsm_id;
};

/// ErrorKind::config: a name that the code page does not have, or that is too long; a secret that
/// is not there.
[[nodiscard]] Result<ImsVocabulary> make_vocabulary(const ImsSettings& settings);

/// What a message of IMS Connect is.
struct ImsMessage {
  enum class Kind : std::uint8_t { output, status };
  Kind kind = Kind::output;
  std::vector<ByteView> segments;  ///< of output: with LL and ZZ
  bool wants_answer = false;       ///< of output: ACK or NAK
  std::uint32_t return_code = 0;   ///< of a status
  std::uint32_t reason_code = 0;
};

/// Status: IRM_TIMER has run out, and the connection stays.
inline constexpr std::uint32_t kImsTimedOut = 40;

/// `message` is a whole one, with its LLLL. ErrorKind::framing: what it has and what was expected.
[[nodiscard]] Result<ImsMessage> parse_ims_message(ByteView message,
                                                   const ImsVocabulary& vocabulary);

/// "return code 8, reason code 56 (…)".
[[nodiscard]] std::string describe_ims_status(const ImsMessage& status);

[[nodiscard]] std::uint32_t ims_length(ByteView four);

}  // namespace copybridge::adapters::tcp
