#pragma once

#include "sandbox/graph/call.hpp"

namespace renkei::sandbox::graph {

Answer get_user(Call& call);
Answer list_users(Call& call);
Answer list_memberships(Call& call);
Answer list_transitive_memberships(Call& call);
Answer get_member_groups(Call& call);
Answer get_drive(Call& call);
Answer list_drive_items(Call& call);
Answer list_joined_teams(Call& call);

// Not about a user: the first argument is the group's or team's id.
Answer list_groups(Call& call);
Answer get_group(Call& call);
Answer list_members(Call& call);
Answer list_transitive_members(Call& call);
Answer list_channels(Call& call);
Answer get_root_site(Call& call);
Answer get_organization(Call& call);

Answer list_folders(Call& call);
Answer list_child_folders(Call& call);
Answer get_folder(Call& call);
Answer create_folder(Call& call);
Answer create_child_folder(Call& call);
Answer update_folder(Call& call);
Answer delete_folder(Call& call);

Answer list_messages(Call& call);
Answer count_messages(Call& call);
Answer get_message(Call& call);
Answer get_message_mime(Call& call);
Answer create_message(Call& call);
Answer update_message(Call& call);
Answer delete_message(Call& call);
Answer delete_message_for_good(Call& call);
Answer move_message(Call& call);
Answer copy_message(Call& call);

Answer send_mail(Call& call);
Answer send_draft(Call& call);
Answer reply(Call& call);
Answer reply_all(Call& call);
Answer forward(Call& call);
Answer create_reply(Call& call);
Answer create_reply_all(Call& call);
Answer create_forward(Call& call);

Answer list_attachments(Call& call);
Answer get_attachment(Call& call);
Answer get_attachment_bytes(Call& call);
Answer add_attachment(Call& call);
Answer delete_attachment(Call& call);
Answer create_upload_session(Call& call);
/// The address of an upload session; it carries its own secret, so there is no token.
Answer continue_upload(World& world, MailStore& store, const ServerRequest& request, const std::string& secret);

}  // namespace renkei::sandbox::graph
