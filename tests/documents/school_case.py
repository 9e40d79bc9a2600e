"""A case as a school has them, from the first signal to the talk about the report."""

from __future__ import annotations

from datetime import date, time
from uuid import UUID

from meldcode_plugin.rules import entries as e
from meldcode_plugin.rules.dossier import FileCard, Sibling
from tests.documents.cases import CHOSEN, DIRECTOR, GYM, IB, Builder, Case, context


def real() -> Case:
    """A case as a school has them: ten weeks, three sorts of signals, a talk, help that did not help, a report."""
    made = Builder()
    mother = made.put(e.Party, name="Ilse de Graaf", relation="moeder", custody="yes", contact="06 11 22 33 44")
    made.put(e.Party, name="Peter van Dalen", relation="vader", custody="yes", contact="Amersfoort, 06 99 88 77 66")
    made.put(e.Party, name="Ruud Smit", relation="stiefvader", custody="no")
    kind = e.SignalKind
    bruise = made.signal(
        kind.FACT,
        "Blauwe plek van 3 cm op de binnenkant van de linkerbovenarm, gezien bij het omkleden.",
        GYM,
        observed_at=time(10, 15),
        place="kleedkamer gymzaal",
        present="Marijke Veenstra",
        interpretation="Dit lijkt mij geen plek van het spelen.",
        catalogue=("s04-lichamelijk-01",),
    )
    said = made.signal(kind.CHILD_STATEMENT, "Als ik mijn kamer niet opruim, knijpt Ruud heel hard.", days=8)
    made.signal(
        kind.THIRD_PARTY,
        "Hoort 's avonds vaak schreeuwen door de muur. Petra Kloosterman zag op 3 oktober dat Noor huilde.",
        days=2,
        source=e.Source(
            name="Petra Kloosterman",
            relation="buurvrouw van nummer 14",
            contact="06-12345678",
            received_on=date(2026, 10, 5),
            channel="telefoon",
            heard="directly",
            shielded=True,
            why_shielded="Zij is bang voor de stiefvader.",
        ),
    )
    made.signal(
        kind.THIRD_PARTY,
        "Oma ziet dat Noor schrikt van harde stemmen. Sem Hoekstra uit de klas vertelde haar over de plekken.",
        days=3,
        source=e.Source(
            name="Mieke de Graaf", relation="oma", heard="directly", may_be_named="yes", knows_recorded="yes"
        ),
    )
    guess = made.signal(
        kind.HYPOTHESIS, "Misschien heeft Noor een bloedziekte waardoor zij snel blauwe plekken heeft.", days=2
    )
    made.put(
        e.FollowUp,
        IB,
        9,
        guess,
        text="De huisarts heeft bloed onderzocht.",
        status=e.HypothesisStatus.REFUTED,
        basis="Bericht van moeder, met de brief van de huisarts.",
    )
    made.signal(kind.FACT, "Noor speelde de hele pauze en lachte veel.", direction=e.Direction.CONTRADICTS)
    made.signal(
        kind.DIAGNOSIS,
        "Milde astma, zonder invloed op de huid.",
        diagnosis=e.Diagnosis(professional="J. Boswijk", profession="huisarts", made_on=date(2026, 6, 4)),
    )
    made.put(
        e.Correction,
        GYM,
        1,
        bruise,
        text="Het was de rechterbovenarm niet; links is juist.",
        reason="Iemand vroeg ernaar.",
    )
    made.put(
        e.Consultation,
        held_on=date(2026, 10, 12),
        persons="Marijke Veenstra en Hanneke Oosterbaan",
        question="Delen we de zorg?",
        advice="Ja. Praat met moeder, samen met de directeur.",
    )
    made.put(
        e.Consultation,
        partner=e.Partner.VEILIG_THUIS,
        held_on=date(2026, 10, 14),
        persons="mevrouw Dekkers",
        question="Wat raden jullie aan?",
        advice="Gesprek met moeder; bij een nieuwe plek melden.",
        vt_contact="advies_anoniem",
    )
    made.put(
        e.Consultation,
        partner=e.Partner.CONFIDANT,
        held_on=date(2026, 10, 15),
        persons="externe vertrouwenspersoon",
        question="Geheim A",
        advice="Geheim B",
    )
    made.put(e.DirectorInformed, told_on=date(2026, 10, 13))
    made.put(
        e.ParentConversation,
        IB,
        5,
        held_on=date(2026, 10, 19),
        parties=(mother,),
        parents="Ilse de Graaf",
        goal="Vertellen wat we zien, en horen hoe het thuis gaat.",
        facts="De plek van 23 september en wat Noor erover zei.",
        facts_told=(bruise, said),
        reaction="Zij schrok. Eerst zei zij dat Noor van de trap viel, later dat het bij het stoeien gebeurde.",
        interpretation="Dat wij ons zorgen maken of Noor thuis veilig is.",
        agreements="Moeder belt het buurtteam voor 1 november. IB-er belt haar op 2 november.",
    )
    made.put(
        e.TalkWaiver,
        stage=e.Stage.SIGNALS,
        parties=(UUID(int=10_002),),
        whose_safety="van het kind",
        reasons="Vader dreigde eerder met ontvoering; een gesprek met hem kan Noor in gevaar brengen.",
        consulted="Veilig Thuis",
    )
    made.approve(made.entries[-1].id, "D", DIRECTOR)
    made.put(
        e.ChildConversation,
        useful="yes",
        possible="yes",
        why="Noor vertelt uit zichzelf.",
        held_on=date(2026, 11, 19),
        held_by="Marijke Veenstra",
        spontaneous="yes",
        verbatim="Ruud kneep weer. Ik wil niet dat mama boos wordt.",
    )
    made.put(
        e.HelpPlan,
        goals="Rust in de avond, geen lichamelijke straf.",
        provider="Buurtteam Oost",
        starts_on=date(2026, 10, 26),
        effect="Noor heeft geen nieuwe plekken.",
        effect_due=date(2026, 11, 20),
        case_manager="Hanneke Oosterbaan",
        consent="partly",
    )
    made.put(
        e.HelpEffectCheck,
        IB,
        30,
        checked_on=date(2026, 11, 20),
        finding=e.Effect.WORSE,
        text="Nieuwe plek op 19 november. Het buurtteam kwam niet binnen.",
    )
    made.put(
        e.Weighing,
        evidence=(bruise, said),
        risk_why="De plekken herhalen zich en de hulp kwam niet op gang.",
        nature="Lichamelijk geweld door de stiefvader, volgens het kind.",
        severity_why="Letsel, herhaald, bij een kind van 8.",
        risk_to_staff="Stiefvader wachtte de leerkracht op bij haar auto.",
        measures="Niemand gaat alleen naar buiten; de politie weet het.",
        no_instrument="",
        instrument="ARIJ",
        instrument_version="2024",
        instrument_by="Hanneke Oosterbaan",
        instrument_on=date(2026, 11, 20),
        instrument_result="Verhoogd risico op drie van de vijf gebieden.",
    )
    decided = made.put(
        e.Decision,
        protect="no",
        judgement="Naar mijn oordeel kan de school Noor met hulp alleen niet beschermen: de plekken komen terug.",
    )
    made.approve(decided, "IB", IB)
    made.approve(decided, "D", DIRECTOR)
    made.put(
        e.ReportNotice,
        parties=(mother,),
        told_on=date(2026, 11, 23),
        how="Hanneke Oosterbaan en Wouter Kuipers, op school",
        why="Wij melden omdat Noor opnieuw letsel had en de hulp niet op gang kwam.",
        reaction="Moeder huilde en zei dat zij dit begreep.",
        objected="yes",
    )
    made.put(
        e.Objection,
        by="Ilse de Graaf",
        text="Zij is bang dat Noor uit huis moet.",
        weighed="De veiligheid van Noor gaat nu voor.",
        severity="Het letsel herhaalt zich.",
        outcome="Wij melden, en vertellen moeder elke stap.",
    )
    made.put(
        e.ConsentEffort,
        asked_on=date(2026, 11, 23),
        answer="partly",
        efforts="Gesprek op 23 november, nabellen op 24 november.",
    )
    made.put(e.ConfidentialityCheck)
    photo = UUID(int=900)
    files = (
        FileCard(photo, bruise, "Verslag gym.pdf", 182_000, date(2026, 9, 23), "ab" * 32, "application/pdf"),
        FileCard(UUID(int=901), bruise, "Oude brief.pdf", 90_000, date(2025, 2, 1), "cd" * 32, "application/pdf"),
        FileCard(UUID(int=902), said, "Tekening.jpg", 1_900_000, date(2026, 10, 1), "ef" * 32, "image/jpeg"),
    )
    siblings = (Sibling("Daan", 5, "dezelfde school"),)
    chosen = CHOSEN.model_copy(update={"files": {photo: "Wat de vakleerkracht zag.", UUID(int=901): ""}})
    given = context(others=("Sem Hoekstra",), siblings=siblings, files=files)
    return Case(made.story, given, chosen)
