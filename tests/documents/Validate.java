import java.io.FileInputStream;
import java.util.logging.LogManager;
import java.util.Set;
import java.util.TreeSet;
import org.verapdf.gf.foundry.VeraGreenfieldFoundryProvider;
import org.verapdf.pdfa.Foundries;
import org.verapdf.pdfa.PDFAParser;
import org.verapdf.pdfa.flavours.PDFAFlavour;
import org.verapdf.pdfa.results.TestAssertion;
import org.verapdf.pdfa.results.ValidationResult;

/** Prints per file and flavour whether it complies, and which clauses it breaks. Usage: Validate 3a,ua1 file... */
public class Validate {
    public static void main(String[] given) throws Exception {
        LogManager.getLogManager().reset();
        VeraGreenfieldFoundryProvider.initialise();
        for (int at = 1; at < given.length; at++) {
            for (String name : given[0].split(",")) {
                System.out.println(given[at] + "\t" + name + "\t" + checked(given[at], PDFAFlavour.fromString(name)));
            }
        }
    }

    private static String checked(String path, PDFAFlavour flavour) throws Exception {
        try (PDFAParser parser = Foundries.defaultInstance().createParser(new FileInputStream(path), flavour)) {
            ValidationResult found = Foundries.defaultInstance().createValidator(flavour, false).validate(parser);
            Set<String> broken = new TreeSet<>();
            for (TestAssertion one : found.getTestAssertions()) {
                if (one.getStatus() == TestAssertion.Status.FAILED) {
                    broken.add(one.getRuleId().getClause() + "-" + one.getRuleId().getTestNumber());
                }
            }
            return found.isCompliant() + "\t" + found.getTotalAssertions() + "\t" + String.join(" ", broken);
        }
    }
}
