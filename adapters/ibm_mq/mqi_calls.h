// The structures of the verbs that open, get, put, consume and handle properties.
#pragma once

#include <array>
#include <cstdint>

#include "adapters/ibm_mq/mqi_constants.h"
#include "adapters/ibm_mq/mqi_types.h"

namespace copybridge::mqi {

struct MQCHARV {
  void* vs_ptr = nullptr;
  Long vs_offset = 0;
  Long vs_buf_size = 0;
  Long vs_length = 0;
  Long vs_ccsid = ccsid::kAppl;
};

struct MQMD {
  static constexpr Long kLengthV1 = 324;
  static constexpr Long kLengthV2 = 364;

  Chars<4> struc_id{'M', 'D', ' ', ' '};
  Long version = 1;
  Long report = 0;
  Long msg_type = 8;
  Long expiry = -1;
  Long feedback = 0;
  Long encoding = encoding::kNative;
  Long coded_char_set_id = 0;
  Chars<8> format = format::kNone;
  Long priority = -1;
  Long persistence = persistence::kAsQueueDef;
  Bytes<24> msg_id{};
  Bytes<24> correl_id{};
  Long backout_count = 0;
  Chars<48> reply_to_q{};
  Chars<48> reply_to_q_mgr{};
  Chars<12> user_identifier{};
  Bytes<32> accounting_token{};
  Chars<32> appl_identity_data{};
  Long put_appl_type = 0;
  Chars<28> put_appl_name{};
  Chars<8> put_date{};
  Chars<8> put_time{};
  Chars<4> appl_origin_data{};
  // end of version 1
  Bytes<24> group_id{};
  Long msg_seq_number = 1;
  Long offset = 0;
  Long msg_flags = 0;
  Long original_length = -1;
};

struct MQOD {
  static constexpr Long kLengthV1 = 168;
  static constexpr Long kLengthV2 = 208;
  static constexpr Long kLengthV3 = 344;
  static constexpr Long kLengthV4 = 424;

  Chars<4> struc_id{'O', 'D', ' ', ' '};
  Long version = 1;
  Long object_type = object_type::kQ;
  Chars<48> object_name{};
  Chars<48> object_q_mgr_name{};
  Chars<48> dynamic_q_name{'A', 'M', 'Q', '.', '*'};
  Chars<12> alternate_user_id{};
  // end of version 1
  Long recs_present = 0;
  Long known_dest_count = 0;
  Long unknown_dest_count = 0;
  Long invalid_dest_count = 0;
  Long object_rec_offset = 0;
  Long response_rec_offset = 0;
  void* object_rec_ptr = nullptr;
  void* response_rec_ptr = nullptr;
  // end of version 2
  Bytes<40> alternate_security_id{};
  Chars<48> resolved_q_name{};
  Chars<48> resolved_q_mgr_name{};
  // end of version 3
  MQCHARV object_string{};
  MQCHARV selection_string{};
  MQCHARV res_object_string{};
  Long resolved_type = 0;
};

struct MQGMO {
  static constexpr Long kLengthV1 = 72;
  static constexpr Long kLengthV2 = 80;
  static constexpr Long kLengthV3 = 100;
  static constexpr Long kLengthV4 = 112;

  Chars<4> struc_id{'G', 'M', 'O', ' '};
  Long version = 1;
  Long options = 0;
  Long wait_interval = 0;
  Long signal1 = 0;
  Long signal2 = 0;
  Chars<48> resolved_q_name{};
  // end of version 1
  Long match_options = match::kMsgId | match::kCorrelId;
  char group_status = ' ';
  char segment_status = ' ';
  char segmentation = ' ';
  char reserved1 = ' ';
  // end of version 2
  Bytes<16> msg_token{};
  Long returned_length = -1;
  // end of version 3
  Long reserved2 = 0;
  std::int64_t msg_handle = 0;
};

struct MQPMO {
  static constexpr Long kLengthV1 = 128;
  static constexpr Long kLengthV2 = 160;
  static constexpr Long kLengthV3 = 184;

  Chars<4> struc_id{'P', 'M', 'O', ' '};
  Long version = 1;
  Long options = 0;
  Long timeout = -1;
  Long context = 0;
  Long known_dest_count = 0;
  Long unknown_dest_count = 0;
  Long invalid_dest_count = 0;
  Chars<48> resolved_q_name{};
  Chars<48> resolved_q_mgr_name{};
  // end of version 1
  Long recs_present = 0;
  Long put_msg_rec_fields = 0;
  Long put_msg_rec_offset = 0;
  Long response_rec_offset = 0;
  void* put_msg_rec_ptr = nullptr;
  void* response_rec_ptr = nullptr;
  // end of version 2
  std::int64_t original_msg_handle = 0;
  std::int64_t new_msg_handle = 0;
  Long action = 0;
  Long pub_level = 9;
};

struct MQCBD {
  Chars<4> struc_id{'C', 'B', 'D', ' '};
  Long version = 1;
  Long callback_type = 1;
  Long options = 0;
  void* callback_area = nullptr;
  void* callback_function = nullptr;
  Chars<128> callback_name{};
  Long max_msg_length = -1;
};

struct MQCBC {
  static constexpr Long kLengthV1 = 56;
  static constexpr Long kLengthV2 = 64;

  Chars<4> struc_id{'C', 'B', 'C', ' '};
  Long version = 1;
  Long call_type = 0;
  Long hobj = 0;
  void* callback_area = nullptr;
  void* connection_area = nullptr;
  Long comp_code = 0;
  Long reason = 0;
  Long state = 0;
  Long data_length = 0;
  Long buffer_length = 0;
  Long flags = 0;
  // end of version 1
  Long reconnect_delay = 0;
};

struct MQCTLO {
  Chars<4> struc_id{'C', 'T', 'L', 'O'};
  Long version = 1;
  Long options = 0;
  Long reserved = -1;
  void* connection_area = nullptr;
};

struct MQCMHO {
  Chars<4> struc_id{'C', 'M', 'H', 'O'};
  Long version = 1;
  Long options = 0;
};

struct MQDMHO {
  Chars<4> struc_id{'D', 'M', 'H', 'O'};
  Long version = 1;
  Long options = 0;
};

struct MQIMPO {
  Chars<4> struc_id{'I', 'M', 'P', 'O'};
  Long version = 1;
  Long options = 0;
  Long requested_encoding = encoding::kNative;
  Long requested_ccsid = ccsid::kAppl;
  Long returned_encoding = encoding::kNative;
  Long returned_ccsid = 0;
  Long reserved1 = 0;
  MQCHARV returned_name{};
  Chars<8> type_string{};
};

struct MQPD {
  Chars<4> struc_id{'P', 'D', ' ', ' '};
  Long version = 1;
  Long options = 0;
  Long support = 1;
  Long context = 0;
  Long copy_options = 22;
};

struct MQSMPO {
  Chars<4> struc_id{'S', 'M', 'P', 'O'};
  Long version = 1;
  Long options = 0;
  Long value_encoding = encoding::kNative;
  Long value_ccsid = ccsid::kAppl;
};

}  // namespace copybridge::mqi
