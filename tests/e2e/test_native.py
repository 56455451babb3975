"""One native call of each Graph-based connector: they differ in their manifests only (U-12)."""
import unittest

from world import Case, World

HANAKO = "sato.hanako@contoso.example"
CALLS = {
    "microsoft": ("/me/mailFolders/inbox", lambda body: body["displayName"]),
    "microsoft_one_drive_share_point": ("/me/drive/root/children", lambda body: body["value"][0]["name"]),
    "microsoft_teams": ("/me/joinedTeams", lambda body: body["value"][0]["displayName"]),
    "microsoft_365": ("/me/drive", lambda body: body["driveType"]),
}


class NativeCalls(Case):
    @classmethod
    def setUpClass(cls):
        cls.world = world = World()
        world.start_server()
        world.set_up("native")
        world.cli("keys", "create", "--name", "robot", "--allow", "native", "--key-out", world.folder / "robot.key", key_file=world.admin_file)
        cls.robot = (world.folder / "robot.key").read_text().strip()

    @classmethod
    def tearDownClass(cls):
        cls.world.close()

    def connect(self, connector):
        name, app = connector.replace("_", "-"), self.world.app("public")
        made = self.world.api("POST", "/v1/registrations", {"name": name + "-app", "connector": connector, "tenant": app["tenant"], "client_id": app["client_id"], "auth_method": "none"},
                              key=self.world.admin)
        self.assertEqual(made.status, 201, made.body)
        made = self.world.api("POST", "/v1/connections", {"name": name, "registration": name + "-app", "mode": "authorization_code", "act_as": HANAKO}, key=self.world.admin)
        self.assertEqual(made.status, 201, made.body)
        link = self.world.api("POST", f"/v1/connections/{name}/link", {}, key=self.world.admin).json["url"]
        result = self.world.sign_in(link, HANAKO)
        self.assertEqual(result.status, 200, result.body)
        return name

    def native(self, connection, path):
        return self.world.api("POST", "/v1/native", {"path": path}, key=self.robot, connection=connection)

    def test_U12_each_connector_answers_one_call_of_its_own_API(self):
        table = []
        for connector, (path, look) in CALLS.items():
            with self.subTest(connector):
                name = self.connect(connector)
                answer = self.native(name, path)
                self.assertEqual((answer.status, answer.json["status"]), (200, 200), answer.body)
                table.append((connector, path, look(answer.json["body"])))
                self.problem(self.native(name, "/users/alice@contoso.example/messages"), 403, "outside-fence")
        print("\n" + "\n".join(f"  {connector:34} {path:28} {found}" for connector, path, found in table))
        self.assertEqual(len(table), len(CALLS))


if __name__ == "__main__":
    unittest.main()
