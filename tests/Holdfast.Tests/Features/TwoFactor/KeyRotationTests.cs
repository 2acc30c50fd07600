using System.Security.Cryptography;
using Holdfast.Tests.Support;
using Xunit;

namespace Holdfast.Tests.Features.TwoFactor;

public sealed class KeyRotationTests
{
    [Theory, Engines]
    public async Task After_a_new_key_old_apps_and_codes_go_on_and_what_is_used_moves_to_it(string engine)
    {
        await using var database = await TestDatabase.Make(engine);
        var clock = new FakeClock();
        Person person;
        Phone phone;
        await using (var app = await TestApp.Start(engine, clock: clock, database: database)) (person, phone, _) = await app.AddWithTwoFactor();
        var file = Path.Combine(database.Folder, "keys", "holdfast.keys");
        var old = await File.ReadAllTextAsync(file);
        await File.WriteAllTextAsync(file, Convert.ToBase64String(RandomNumberGenerator.GetBytes(32)) + "\n" + old);

        await using (var app = await TestApp.Start(engine, clock: clock, database: database))
        {
            var visitor = await app.SignedIn(person, phone);
            (await visitor.StepUpBy(phone.Codes[0], "recovery_code")).Expect(200);
            Assert.Equal(app.Get<Holdfast.Secrets.KeyRing>().NewestId, await app.Db.Read(tx => tx.One<string>("SELECT key_id FROM totp_apps")));
            (await visitor.Post("/api/v1/two-factor/recovery-codes")).Expect(200);
        }
        // Nothing needs the old key any more.
        await File.WriteAllTextAsync(file, (await File.ReadAllLinesAsync(file))[0] + "\n");
        await using var later = await TestApp.Start(engine, clock: clock, database: database);
        await later.SignedIn(person, phone);
    }
}
