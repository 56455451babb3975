#pragma once

#include "app/operations.hpp"
#include "app/people_csv.hpp"

#include <string>
#include <vector>

namespace renkei::app {

/// What a file would do. Nothing is applied while there is a problem.
struct ImportReport {
    std::size_t rows = 0;
    std::vector<LineProblem> problems;  ///< all of them, by line
};

/// People and groups from files: looked at first, then applied line by line as operations (people.import, groups.import).
/// People who are not there are invited (their links are made one by one afterwards), others get the roles and groups of
/// the file; nobody is removed. Groups that are not there are made, others retitled and moved.
class PeopleImport {
public:
    struct Needs {
        Store& store;
        People& people;
        Groups& groups;
        Operations& operations;
        Clock& clock;
    };
    explicit PeopleImport(Needs needs);

    Task<Result<ImportReport>> look_at_people(By by, LinesOf<PersonLine> file);
    Task<Result<ImportReport>> look_at_groups(By by, LinesOf<GroupLine> file);
    /// invalid_field when the file has problems.
    Task<Result<core::Operation>> import_people(By by, LinesOf<PersonLine> file);
    Task<Result<core::Operation>> import_groups(By by, LinesOf<GroupLine> file);

    OperationKind& people_kind() { return people_kind_; }
    OperationKind& groups_kind() { return groups_kind_; }

private:
    class PeopleKind final : public OperationKind {
    public:
        explicit PeopleKind(PeopleImport& import) : import_(import) {}
        std::string_view name() const override { return "people.import"; }
        Task<core::OperationItem> work(core::WorkspaceId workspace, std::uint64_t index, std::string target, std::string request_id) override;

    private:
        PeopleImport& import_;
    };
    class GroupsKind final : public OperationKind {
    public:
        explicit GroupsKind(PeopleImport& import) : import_(import) {}
        std::string_view name() const override { return "groups.import"; }
        Task<core::OperationItem> work(core::WorkspaceId workspace, std::uint64_t index, std::string target, std::string request_id) override;

    private:
        PeopleImport& import_;
    };
    Task<Result<std::string>> apply(By by, PersonLine line);
    Task<Result<std::string>> apply(By by, GroupLine line);

    Needs n_;
    PeopleKind people_kind_{*this};
    GroupsKind groups_kind_{*this};
};

}  // namespace renkei::app
