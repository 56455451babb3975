"""A-32, T-12: the commands of docs/guides/external-vaults.md, on the built programs against the sandbox's stand-ins."""
import json
import ssl
import unittest
import urllib.parse
import urllib.request

from world import Case, World


class VaultsWorld(World):
    """The vaults' port is open for external vaults alone."""

    def settings(self):
        port = urllib.parse.urlsplit(self.described["vaults"]["https"]["address"].replace("{path}", "")).port
        entries = f",range=127.0.0.1/32 ports={port} purpose=external_vault,range=::1/128 ports={port} purpose=external_vault"
        return [item + entries if item.startswith("egress.allow=") else item for item in super().settings()]


class ExternalVaults(Case):
    @classmethod
    def setUpClass(cls):
        cls.world = VaultsWorld()
        cls.world.start_server()
        cls.world.set_up()
        cls.vaults = cls.world.described["vaults"]

    @classmethod
    def tearDownClass(cls):
        cls.world.close()

    def cli(self, *words, **more):
        return self.world.cli(*words, key_file=self.world.admin_file, **more)

    def secret_file(self, name, text):
        path = self.world.folder / name
        path.write_text(text + "\n")
        return path

    def refused(self, name, path, **more):
        """The slug with which a check is refused."""
        answer = self.world.api("POST", f"/v1/external-vaults/{name}/check", {"path": path, **more}, key=self.world.admin)
        self.assertNotEqual(answer.status, 200, answer.body)
        for secret in ("Secret-of.the_Sandbox", "gone-", "not-for-renkei", self.vaults["hashicorp"]["token"], self.vaults["hashicorp"]["secret_id"]):
            self.assertNotIn(secret, answer.body)
        return answer.json["code"]

    def test_A32_a_hashicorp_vault_by_app_role(self):
        hashicorp = self.vaults["hashicorp"]
        secret = self.secret_file("secret-id.txt", hashicorp["secret_id"])
        self.cli("external-vaults", "add", "--name", "by-role", "--kind", "hashicorp", "--auth", "app_role", "--address", hashicorp["address"], "--mount", "secret",
                 "--auth-id", hashicorp["role_id"], "--auth-secret-file", secret)
        self.cli("external-vaults", "check", "by-role", "--path", "renkei/web", "--field", "client_secret")
        self.cli("external-vaults", "check", "by-role", "--path", "renkei/daemon", "--version", "1")
        self.assertEqual(self.refused("by-role", "renkei/nowhere"), "value-missing")
        self.assertEqual(self.refused("by-role", "renkei/deleted"), "value-missing")
        self.assertEqual(self.refused("by-role", "forbidden/web"), "external-vault-refused")
        self.assertEqual(self.refused("by-role", "../sys/seal-status"), "value-unusable")

    def test_A32_a_sealed_vault_says_so_and_works_again_when_it_is_opened(self):
        hashicorp = self.vaults["hashicorp"]
        secret = self.secret_file("token.txt", hashicorp["token"])
        self.cli("external-vaults", "add", "--name", "by-token", "--kind", "hashicorp", "--auth", "token", "--address", hashicorp["address"], "--auth-secret-file", secret)
        tls = ssl.create_default_context(cafile=self.world.described["ca_file"])
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), urllib.request.HTTPSHandler(context=tls))

        def ask(path, body, headers):
            request = urllib.request.Request(hashicorp["address"] + path, data=json.dumps(body).encode(), method="PUT", headers=headers)
            opener.open(request, timeout=30).close()

        ask("/v1/sys/seal", {}, {"X-Vault-Token": hashicorp["root_token"]})
        self.assertEqual(self.refused("by-token", "renkei/daemon"), "external-vault-sealed")
        self.assertIn("external-vault-sealed", self.cli("external-vaults", "show", "by-token"))
        ask("/v1/sys/unseal", {"key": hashicorp["unseal_key"]}, {})
        self.cli("external-vaults", "check", "by-token", "--path", "renkei/daemon")
        self.assertIn("works", self.cli("external-vaults", "show", "by-token"))

    def test_T12_an_azure_key_vault(self):
        azure = self.vaults["azure_key_vault"]
        secret = self.secret_file("client-secret.txt", azure["client_secret"])
        self.cli("external-vaults", "add", "--name", "azure", "--kind", "azure_key_vault", "--auth", "client_credentials", "--address", azure["address"],
                 "--tenant", azure["tenant"], "--auth-id", azure["client_id"], "--auth-secret-file", secret)
        self.cli("external-vaults", "check", "azure", "--path", "daemon")
        self.cli("external-vaults", "check", "azure", "--path", "client-certificate")
        self.assertEqual(self.refused("azure", "disabled"), "value-missing")
        self.assertEqual(self.refused("azure", "late"), "value-unusable")

    def test_A32_a_plain_secret_endpoint(self):
        endpoint = self.vaults["https"]
        secret = self.secret_file("password.txt", endpoint["password"])
        self.cli("external-vaults", "add", "--name", "endpoint", "--kind", "https", "--auth", "basic", "--address", endpoint["address"],
                 "--auth-id", endpoint["user"], "--auth-secret-file", secret)
        self.cli("external-vaults", "check", "endpoint", "--path", "renkei/daemon")
        self.assertEqual(self.refused("endpoint", "renkei/nowhere"), "value-missing")
        listed = json.loads(self.cli("external-vaults", "list", "--json"))
        self.assertIn("endpoint", [row["name"] for row in listed])
        self.cli("external-vaults", "remove", "endpoint")
        self.assertNotIn("endpoint", self.cli("external-vaults", "list"))

    def test_A32_an_address_that_is_not_open_for_external_vaults_is_not_called(self):
        self.cli("external-vaults", "add", "--name", "elsewhere", "--kind", "hashicorp", "--auth", "token", "--address", "https://localhost:1",
                 "--auth-secret-file", self.secret_file("any.txt", "any"))
        self.assertEqual(self.refused("elsewhere", "renkei/web"), "egress-refused")


if __name__ == "__main__":
    unittest.main()
