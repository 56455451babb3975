# Puts catalog/*.json into the binary, so that it works alone: catalog_embedded.cpp is written at configure time.
function(renkei_embed_catalog target folder)
  file(GLOB manifests CONFIGURE_DEPENDS ${folder}/*.json)
  list(FILTER manifests EXCLUDE REGEX "/schema\\.json$")
  list(SORT manifests)
  set(rows "")
  foreach(manifest ${manifests})
    set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${manifest})
    get_filename_component(name ${manifest} NAME)
    file(READ ${manifest} text)
    string(APPEND rows "    {\"${name}\", R\"renkei_json(${text})renkei_json\"},\n")
  endforeach()
  set(out ${CMAKE_CURRENT_BINARY_DIR}/catalog_embedded.cpp)
  file(CONFIGURE OUTPUT ${out} @ONLY CONTENT [=[// Written by cmake/EmbedCatalog.cmake from catalog/*.json.
#include "adapters/providers/catalog_embedded.hpp"

namespace renkei::providers {
namespace {
constexpr EmbeddedManifest manifests[] = {
@rows@};
}  // namespace
std::span<const EmbeddedManifest> embedded_manifests() { return manifests; }
}  // namespace renkei::providers
]=])
  target_sources(${target} PRIVATE ${out})
  # For the test that holds the manifests against the schema; the binary itself names no folder.
  if(TARGET ${target}_test)
    target_compile_definitions(${target}_test PRIVATE RENKEI_SOURCE_DIR="${CMAKE_SOURCE_DIR}")
  endif()
endfunction()
