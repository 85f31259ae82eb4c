// The options of the adapter tcp as a client of IMS Connect.
#pragma once

#include "adapters/tcp/hub.h"
#include "bridge/core/options.h"

namespace copybridge::adapters::tcp {

inline constexpr OptionSpec kImsOptions[] = {
    {.name = "ims_client_id",
     .help = "With protocol ims-connect: the client's name, up to 8 characters, that no other "
             "connection to that port of IMS Connect has."},
    {.name = "ims_datastore", .help = "The data store, which is the IMS, by IMS Connect's name."},
    {.name = "ims_tpipe",
     .help = "The tpipe whose messages are taken, as the alternate client id; without it that of "
             "the client's name."},
    {.name = "ims_user", .help = "RACF user."},
    {.name = "ims_password", .type = OptionType::secret, .help = "RACF password or PassTicket."},
    {.name = "ims_group", .help = "RACF group."},
    {.name = "ims_application", .help = "RACF application name, for PassTickets."},
    {.name = "ims_retrieval",
     .type = OptionType::choice,
     .default_value = "single-wait",
     .help = "What one RESUME TPIPE asks for: single-wait = one message, waited for; single = one, "
             "where there is one; noauto = all that are there; auto = all, and those that come "
             "later. The next one is sent when IMS Connect says that nothing more comes.",
     .choices = "single-wait|single|noauto|auto"},
    {.name = "ims_timer_ms",
     .type = OptionType::integer,
     .default_value = "60000",
     .help = "How long IMS Connect waits for a message of IMS before it says that none came "
             "(IRM_TIMER), rounded up to what there is; 0: for ever. idle_ms is 10 seconds more "
             "where it is not given.",
     .max = 3'600'000},
    {.name = "ims_exit",
     .default_value = "*SAMPL1*",
     .help = "IRM_ID of the message exit: HWSSMPL1, or one whose messages begin with LLLL as its "
             "do."},
    {.name = "ims_codepage",
     .default_value = "IBM-1047",
     .help = "Code page of names in the messages' headers, and of what IMS Connect calls its own "
             "structures; ISO-8859-1 where the exit is to see an ASCII client."},
    {.name = "ims_take_over",
     .type = OptionType::boolean,
     .default_value = "yes",
     .help = "Whether a connection ends another one of the same client id that IMS Connect has "
             "still (IRM_F3_CANCID), as after a crash; else it is refused until then."},
};

/// Reads them: what the connection says, and when it is idle.
void read_ims(const Options& options, HubSettings& hub, Diagnostics& diagnostics);

}  // namespace copybridge::adapters::tcp
