#include "adapters/api/connection_form.hpp"
#include "adapters/api/pages.hpp"
#include "adapters/api/person_parts.hpp"

#include <fmt/format.h>

namespace renkei::api {
namespace {

void write_kind_card(Html& html, const app::Manifest& connector, const KindRow& kind, Language language) {
    const auto title = pick(language, kind.title_en, kind.title_ja);
    html.open("li", {{kind.path.empty() ? "class" : "", "unavailable"}}).open("h2");
    if (kind.path.empty())
        html.text(title).text(" ").element("span", pick(language, "not set up", "未設定"), {{"class", "tag"}});
    else
        html.element("a", title, {{"href", fmt::format("/connections/new/{}?connector={}", kind.path, connector.key)}});
    html.close("h2").element("p", pick(language, kind.when_en, kind.when_ja), {{"class", "soft"}}).close("li");
}

}  // namespace

app::ServerResponse choose_kind_page(const Call& call, const app::Manifest& chosen, const app::Catalog& catalog) {
    const auto language = call.language;
    Html html;
    html.element("h2", pick(language, "1. The service", "1. サービス")).open("ul", {{"class", "choices"}});
    for (const auto* manifest : catalog.all()) {
        html.open("li").element("a", pick(language, manifest->name_en, manifest->name_ja),
                                {{"href", "/connections/new?connector=" + manifest->key}, {manifest == &chosen ? "aria-current" : "", "true"}});
        html.close("li");
    }
    html.close("ul").element("h2", pick(language, "2. How Renkei signs in", "2. サインイン方法")).open("ul", {{"class", "cards"}});
    for (const auto& kind : sign_in_kinds())
        if (offers(chosen, kind)) write_kind_card(html, chosen, kind, language);
    html.close("ul");
    const auto title = fmt::format(fmt::runtime(pick(language, "Connect to {}", "{} への接続")), pick(language, chosen.name_en, chosen.name_ja));
    return page_answer(language, title, Tone::plain, html, 200, navigation(call, Place::all_connections));
}

}  // namespace renkei::api
